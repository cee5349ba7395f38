import axe from 'axe-core';
import '../../../src/app/page/tokens.css';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { App } from '../../../src/app/page/App.tsx';
import { listenToKeys } from '../../../src/app/commands/keyboard.ts';
import { drawFigure, toPng } from '../../../src/app/charts/exportChart.ts';
import { methodMarks } from '../../../src/app/accuracy/methodMarks.ts';
import { DimmerContext } from '../../../src/app/useDimmer.ts';
import { WorkerError } from '../../../src/worker/client.ts';
import type { LoadOptions, Preview } from '../../../src/data/source.ts';
import {
  clickMetrics,
  type FakeSession,
  makeRun,
  openSession,
  previewColumn,
  tinyDataset,
} from '../../unit/app/fakeSession.ts';

let session: FakeSession;
let stopKeys: () => void;
let loaded: LoadOptions[] = [];
let shown: Preview;
let loadFailure: WorkerError | null;

const preview: Preview = {
  format: 'table',
  task: 'click',
  columns: [
    previewColumn('user', 'category', ['ann', 'bob']),
    previewColumn('price', 'number', ['2', '3']),
    previewColumn('bought', 'label', ['1', '0']),
  ],
  rows: [
    ['ann', '2', '1'],
    ['bob', '3', '0'],
  ],
  sizeBytes: 40,
  rolesAreGuessed: true,
  profiled: { rows: 2, unfit: [], isWhole: true, sample: 'all of its lines' },
  labelReading: null,
  warnings: [],
  contents: { files: ['purchases.csv'], encoding: 'utf-8', columns: null, notes: [] },
};

beforeEach(async () => {
  loaded = [];
  shown = preview;
  loadFailure = null;
  await page.viewport(1440, 900);
  session = await openSession({
    inspect: () => Promise.resolve(shown),
    load: (file, options) => {
      loaded.push(options);
      if (loadFailure) return Promise.reject(loadFailure);
      return Promise.resolve(tinyDataset(file.name));
    },
  });
  stopKeys = listenToKeys(session.dimmer, document);
  document.documentElement.dataset['theme'] = 'light';
  await render(
    <DimmerContext value={session.dimmer}>
      <App />
    </DimmerContext>,
  );
});
afterEach(() => stopKeys());

const state = () => session.dimmer.store.getState();
const alphaSlider = () => page.getByRole('slider', { name: 'Temperature α' });

function barsPixels(): string {
  const canvases = document.querySelectorAll<HTMLCanvasElement>('[data-testid=dims-chart] canvas');
  return canvases[1].toDataURL();
}

describe('the sliders', () => {
  test('take Home, End, Page Up and arrows, redraw the bars each time, and train what they rest on', async () => {
    await expect.element(page.getByTestId('dims-chart')).toBeVisible();
    alphaSlider().element().focus();
    const pictures = new Set([barsPixels()]);
    for (const [key, alpha] of [
      ['{End}', 1],
      ['{Home}', 0],
      ['{PageUp}', 0.1],
      ['{ArrowRight}', 0.11],
    ] as const) {
      await userEvent.keyboard(key);
      expect(state().settings.alpha).toBeCloseTo(alpha, 9);
      pictures.add(barsPixels());
    }
    expect(pictures.size).toBeGreaterThanOrEqual(4);
    await expect.poll(() => session.engine.runs().at(-1)!.settings.alpha).toBeCloseTo(0.11, 9);
  });

  test('draw the bars without touching the accuracy chart’s points', async () => {
    session.dimmer.store.setState({ runs: [makeRun('a', { datasetKey: state().datasetKey })] });
    const point = page.getByTestId('run-point');
    await expect.element(point).toBeInTheDocument();
    // Recharts lays a chart out twice: first without its margins.
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    let mutations = 0;
    const observer = new MutationObserver((records) => (mutations += records.length));
    observer.observe(point.element().parentElement!, { subtree: true, childList: true, attributes: true });
    for (let i = 0; i < 20; i++) {
      session.dimmer.settings.edit({ alpha: 0.31 + i / 100 });
      await new Promise(requestAnimationFrame);
    }
    observer.disconnect();
    expect(mutations).toBe(0);
    expect(performance.getEntriesByName('dims-redraw').length).toBeGreaterThanOrEqual(20);
  });

  test('have boxes that take 2k and 4 kB, and say what is wrong with anything else', async () => {
    const box = page.getByTestId('budget-box');
    await userEvent.fill(box, '2k');
    await userEvent.keyboard('{Enter}');
    expect(state().settings.budget).toBe(2000);
    await userEvent.fill(box, '4 kB');
    await userEvent.keyboard('{Enter}');
    expect(state().settings.budget).toBe(1000);
    await userEvent.fill(box, 'much');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('alert')).toHaveTextContent('much');
    expect(state().settings.budget).toBe(1000);
    await userEvent.keyboard('{Escape}');
    await expect.element(box).toHaveValue('1,000');
  });

  test('always show asked and actual', async () => {
    session.dimmer.settings.edit({ budget: 777 });
    const actual = state().allocation!.parameters;
    await expect.element(page.getByTestId('actual')).toHaveTextContent(`asked 777`);
    await expect.element(page.getByTestId('actual')).toHaveTextContent(`actual ${actual}`);
  });
});

describe('the keyboard', () => {
  test('plays and pauses with Space, but not while someone types', async () => {
    await userEvent.keyboard(' ');
    expect(session.engine.requests.at(-1)).toEqual({ type: 'pause' });
    const before = session.engine.requests.length;
    await userEvent.click(page.getByTestId('budget-box'));
    await userEvent.keyboard(' .r]');
    expect(session.engine.requests.length).toBe(before);
  });

  test('lists every command under ?', async () => {
    await userEvent.keyboard('?');
    await expect.element(page.getByRole('dialog')).toHaveTextContent('Train the uniform baseline');
  });
});

describe('runs', () => {
  beforeEach(() => {
    const { datasetKey } = state();
    session.dimmer.store.setState({
      runs: [
        makeRun('a', { datasetKey, auc: 0.61, parameters: 300 }),
        makeRun('b', { datasetKey, auc: 0.72, createdAt: 1 }),
        makeRun('c', { datasetKey: 'other data', auc: 0.99 }),
      ],
    });
  });

  test('of this data set alone are on the chart and in the list, the best marked', async () => {
    await expect.poll(() => page.getByTestId('run-point').elements().length).toBe(2);
    expect(page.getByTestId('run-row').elements()).toHaveLength(2);
    await expect.element(page.getByTestId('run-row').first()).toHaveTextContent('best');
  });

  test('that broke off far from the others are in the list alone', async () => {
    const { runs, datasetKey } = state();
    session.dimmer.store.setState({
      runs: [
        ...runs,
        makeRun('near', { datasetKey, reason: 'stopped', auc: 0.7 }),
        makeRun('far', { datasetKey, reason: 'stopped', auc: 0.2 }),
      ],
    });
    await expect.poll(() => page.getByTestId('run-row').elements().length).toBe(4);
    const onChart = (): (string | undefined)[] =>
      page
        .getByTestId('run-point')
        .elements()
        .map((point) => (point as SVGElement).dataset['run']);
    await expect.poll(onChart).toEqual(['a', 'b', 'near']);
  });

  test('light up on the chart when their row is hovered', async () => {
    await userEvent.hover(page.getByTestId('run-row').first());
    await expect
      .poll(() => document.querySelector('[data-testid=run-point][data-run=b]')?.getAttribute('data-hovered'))
      .toBe('true');
  });

  test('can be renamed, deleted, and brought back', async () => {
    await userEvent.click(page.getByRole('button', { name: 'Rename Run a' }));
    await userEvent.fill(page.getByRole('textbox', { name: 'Name of the run' }), 'small one');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('button', { name: 'small one', exact: true })).toBeVisible();
    await userEvent.click(page.getByRole('button', { name: 'Delete small one' }));
    await expect.poll(() => page.getByTestId('run-row').elements().length).toBe(1);
    await userEvent.click(page.getByRole('button', { name: 'Undo' }));
    await expect.poll(() => page.getByTestId('run-row').elements().length).toBe(2);
  });

  test('in progress move a live point and count steps', async () => {
    const { runId } = session.engine.runs()[0];
    session.engine.start(runId, 200);
    session.engine.progress(runId, 1, [0.7, 0.6], 200);
    session.engine.evaluate(runId, 2, clickMetrics(0.66));
    await expect.element(page.getByTestId('live-point')).toHaveAttribute('data-value', '0.66');
    await expect.element(page.getByTestId('step-counter')).toHaveTextContent('step 2 of 200');
  });
});

describe('a comparison', () => {
  const finishCurrent = (): void => {
    const { id } = state().current!;
    session.engine.start(id);
    session.engine.finish(id, { metrics: { test: clickMetrics(0.6 + 0.05 * session.engine.runs().length) } });
  };

  beforeEach(() => {
    finishCurrent();
    session.dimmer.queue.choose({ methods: ['uniform', 'mixed-dimension'], budgets: '1/4', seeds: 2 });
  });

  test('says how many runs it is and starts them with one click', async () => {
    await userEvent.keyboard('c');
    await expect.element(page.getByRole('dialog')).toHaveTextContent('4 runs, about 0.8 s');
    await expectAccessible();
    await userEvent.click(page.getByTestId('compare-start'));
    await expect.element(page.getByTestId('queue-bar')).toHaveTextContent('0 of 4 runs done');
    expect(session.engine.runs()).toHaveLength(2);
  });

  test('says what is wrong with a budget and what it leaves out', async () => {
    await userEvent.click(page.getByTestId('compare'));
    await userEvent.fill(page.getByRole('textbox', { name: 'Budgets' }), 'much');
    await expect.element(page.getByRole('alert')).toHaveTextContent('much');
    await expect.element(page.getByTestId('compare-start')).toBeDisabled();
    await userEvent.fill(page.getByRole('textbox', { name: 'Budgets' }), '20, 1/4');
    await expect.element(page.getByRole('dialog')).toHaveTextContent('Uniform at 20: A budget of 20');
    await expect.element(page.getByTestId('compare-start')).toHaveTextContent('Train 4 runs');
  });

  test('can be paused, cut by a run and cancelled, and undone', async () => {
    session.dimmer.queue.compare();
    const bar = page.getByTestId('queue-bar');
    await userEvent.click(bar.getByRole('button', { name: 'Pause' }));
    expect(session.engine.requests.at(-1)).toEqual({ type: 'pause' });
    await userEvent.click(bar.getByRole('button', { name: 'Resume' }));
    await userEvent.click(
      page
        .getByTestId('queued-row')
        .first()
        .getByRole('button', { name: /^Cancel / }),
    );
    await expect.element(bar).toHaveTextContent('0 of 3 runs done');
    await userEvent.click(bar.getByRole('button', { name: 'Cancel all' }));
    await expect.element(bar).not.toBeInTheDocument();
    await userEvent.click(page.getByRole('button', { name: 'Undo' }).last());
    await expect.element(bar).toHaveTextContent('0 of 3 runs done');
  });

  test('draws the mean of seeds with a bar, and lights up a method from its legend', async () => {
    session.dimmer.queue.compare();
    while (state().current) finishCurrent();
    await expect.poll(() => page.getByTestId('seed-spread').elements().length).toBe(2);
    await userEvent.hover(page.getByTestId('accuracy-chart').getByRole('button', { name: 'Uniform' }));
    const lit = (): (string | null)[] =>
      page
        .getByTestId('seed-spread')
        .elements()
        .map((element) => element.getAttribute('data-hovered'));
    await expect.poll(lit).toEqual(['true', 'false']);
    await userEvent.selectOptions(page.getByRole('combobox', { name: 'Rows' }), 'seeds');
    await userEvent.hover(page.getByTestId('seed-row').filter({ hasText: 'Mixed' }).first());
    await expect.poll(lit).toEqual(['false', 'true']);
    await expectAccessible();
  });

  test('is a picture that needs nothing of the page', async () => {
    session.dimmer.queue.compare();
    while (state().current) finishCurrent();
    await expect.poll(() => page.getByTestId('seed-spread').elements().length).toBe(2);
    const chart = document.querySelector<SVGSVGElement>('[data-testid=accuracy-chart] [role=img] svg')!;
    const figure = drawFigure(chart, 'AUC & more', Object.values(methodMarks));
    const parsed = new DOMParser().parseFromString(figure.svg, 'image/svg+xml');
    expect(parsed.querySelector('parsererror')).toBeNull();
    expect(figure.svg).not.toMatch(/var\(|class=|data-/);
    expect(parsed.documentElement.textContent).toContain('Mixed dimension');
    const png = await toPng(figure);
    expect(png.type).toBe('image/png');
    expect(png.size).toBeGreaterThan(5000);
  });

  test('that an earlier visit left can be finished, and one on other data says which', async () => {
    session.dimmer.queue.compare();
    await session.dimmer.data.openSample('ratings');
    await expect.element(page.getByTestId('queue-elsewhere')).toHaveTextContent('4 runs wait for “clicks”');
    await expectAccessible();
    await userEvent.click(page.getByRole('button', { name: 'Load clicks' }));
    await expect
      .element(page.getByTestId('queue-bar'))
      .toHaveTextContent('starts when the run in progress ends');
  });
});

test('the method is picked from a list that says what each one does', async () => {
  await userEvent.click(page.getByTestId('method-picker'));
  await expect.element(page.getByRole('dialog')).toHaveTextContent('Every row of every field gets a vector');
  await expectAccessible();
  await userEvent.click(page.getByRole('radio', { name: 'Uniform d_i = D' }));
  expect(state().settings.method).toBe('uniform');
});

test('a field can have a method of its own, and give it back', async () => {
  await userEvent.click(page.getByRole('region', { name: 'Dims' }).getByRole('button', { name: 'Table' }));
  session.dimmer.settings.change({ budget: 50_000 });
  const { dataset } = state();
  const { name } = dataset!.fields[1];
  const select = page.getByRole('combobox', { name: `Method of ${name}` });
  await userEvent.selectOptions(select, 'Full');
  expect(state().settings.fieldMethods).toBe(`${encodeURIComponent(name)}=full`);
  expect(state().allocationFailure).toBeNull();
  expect(state().allocation!.parameters).toBeLessThanOrEqual(state().budget);
  await expectAccessible();
  await userEvent.selectOptions(select, 'auto');
  expect(state().settings.fieldMethods).toBe('');
});

describe('a file', () => {
  const csv = new File(['user,price,bought\nann,2,1\n'], 'shop.csv');

  test('dropped anywhere asks what its columns are, and loads with the answers', async () => {
    drop(csv);
    await userEvent.selectOptions(page.getByRole('combobox', { name: 'Role of price' }), 'category');
    await userEvent.click(page.getByTestId('preview-load'));
    await expect.poll(() => loaded).toHaveLength(1);
    expect(loaded[0]).toMatchObject({
      format: 'table',
      roles: ['category', 'category', 'label'],
      minCount: null,
    });
    await expect.element(page.getByTestId('dataset-menu')).toHaveTextContent('shop.csv');
  });

  test('offers to split cells that are lists, and says nothing more of them once they are split', async () => {
    const message = 'cells of “tags” are lists.';
    shown = {
      ...preview,
      columns: [...preview.columns, previewColumn('tags', 'category', ['a|b', 'b|c'])],
      warnings: [{ kind: 'list', column: 'tags', message, remedy: 'Split them.' }],
    };
    drop(csv);
    await expect.element(page.getByRole('dialog')).toHaveTextContent('Cells of “tags” are lists.');
    await userEvent.selectOptions(
      page.getByRole('combobox', { name: 'Cells of tags' }),
      'split at “|”: 3 yes/no fields',
    );
    await expect.element(page.getByRole('dialog')).not.toHaveTextContent('are lists');
    await userEvent.click(page.getByTestId('preview-load'));
    await expect.poll(() => loaded).toHaveLength(1);
    expect(loaded[0]).toMatchObject({ splitCells: [{ column: 'tags', separator: '|' }] });
  });

  test('without a label cannot be loaded, and the dialog says why', async () => {
    drop(csv);
    await userEvent.selectOptions(page.getByRole('combobox', { name: 'Role of bought' }), 'ignore');
    await expect.element(page.getByTestId('preview-load')).toBeDisabled();
    await expect.element(page.getByRole('dialog')).toHaveTextContent('No column is the label');
  });

  test('shows the label first, and what each column holds beside its role', async () => {
    drop(csv);
    const table = page.getByRole('region', { name: 'Columns of the file' });
    await expect.element(table).toHaveTextContent('2 different');
    expect([...table.element().querySelectorAll('tbody th')].map((cell) => cell.textContent)).toEqual([
      'bought',
      'user',
      'price',
    ]);
    await userEvent.selectOptions(page.getByRole('combobox', { name: 'Transform of price' }), 'standardised');
    await userEvent.type(page.getByRole('textbox', { name: 'Rule for labels' }), '>0');
    await expectAccessible();
    await userEvent.click(page.getByTestId('preview-load'));
    await expect.poll(() => loaded).toHaveLength(1);
    expect(loaded[0]).toMatchObject({
      transforms: [null, 'standardise', null],
      labelRule: { kind: 'above', value: 0 },
      positive: null,
    });
  });

  test('of many columns can be searched', async () => {
    const many = Array.from({ length: 30 }, (_, i) => previewColumn(`c${i}`, 'category', ['a', 'b']));
    shown = { ...preview, columns: [...many, ...preview.columns] };
    drop(csv);
    await userEvent.type(page.getByRole('searchbox', { name: 'Search columns' }), 'PRI');
    await expect.element(page.getByRole('combobox', { name: 'Role of price' })).toBeVisible();
    expect(page.getByRole('combobox', { name: 'Role of c1' }).elements()).toHaveLength(0);
  });

  test('that fails to load comes back with what was chosen, and says why', async () => {
    loadFailure = new WorkerError({
      name: 'DataError',
      message: 'shop.csv, line 2: the label is “x”.',
      remedy: 'Mend it.',
    });
    drop(csv);
    await userEvent.selectOptions(page.getByRole('combobox', { name: 'Role of price' }), 'category');
    await userEvent.click(page.getByTestId('preview-load'));
    await expect.element(page.getByRole('dialog')).toHaveTextContent('the label is “x”. Mend it.');
    await expect.element(page.getByRole('combobox', { name: 'Role of price' })).toHaveValue('category');
    loadFailure = null;
    await userEvent.click(page.getByTestId('preview-load'));
    await expect.element(page.getByTestId('dataset-menu')).toHaveTextContent('shop.csv');
  });

  test('can be pasted as text', async () => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'user,price,bought\nann,2,1\n');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    await expect.element(page.getByRole('dialog')).toHaveTextContent('pasted text');
  });

  test('can be typed where the dialog puts the cursor', async () => {
    session.dimmer.ui.openDialog('paste');
    await expect.element(page.getByLabelText('Data', { exact: true })).toHaveFocus();
    await userEvent.keyboard('user,price,bought');
    await userEvent.click(page.getByRole('button', { name: 'Read' }));
    await expect.element(page.getByRole('dialog')).toHaveTextContent('pasted text');
  });
});

describe('everyone can read it', () => {
  for (const theme of ['light', 'dark'])
    test(`axe finds nothing in the ${theme} theme, with runs, a previous run, a queue and messages`, async () => {
      document.documentElement.dataset['theme'] = theme;
      const { datasetKey } = state();
      session.dimmer.store.setState({
        runs: [makeRun('a', { datasetKey })],
        previousRun: makeRun('g', { reason: 'stopped' }),
      });
      session.dimmer.queue.trainUniformBaseline();
      session.engine.reply({
        type: 'backend',
        status: {
          kind: 'cpu',
          adapter: 'CPU',
          fallback: { name: 'BackendError', message: 'No adapter.', remedy: 'Update the driver.' },
        },
      });
      await expect.poll(() => page.getByTestId('run-point').elements().length).toBe(2);
      for (const button of page.getByRole('button', { name: 'Table', exact: true }).elements()) {
        await expectAccessible();
        await userEvent.click(button);
      }
      await expectAccessible();
    });

  test('nothing scrolls sideways on a narrow screen', async () => {
    await page.viewport(390, 844);
    await expect.poll(() => document.documentElement.scrollWidth).toBe(390);
  });
});

async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body.querySelector('div')!);
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
}

function drop(file: File): void {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}
