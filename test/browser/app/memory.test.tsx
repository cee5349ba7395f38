import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { App } from '../../../src/app/page/App.tsx';
import '../../../src/app/page/tokens.css';
import { DimmerContext } from '../../../src/app/useDimmer.ts';
import { type FakeSession, makeRun, openSession, tinyPlan } from '../../unit/app/fakeSession.ts';

let session: FakeSession;

beforeEach(async () => {
  await page.viewport(1440, 900);
  document.documentElement.dataset['theme'] = 'light';
  session = await openSession();
  await render(
    <DimmerContext value={session.dimmer}>
      <App />
    </DimmerContext>,
  );
});

const state = () => session.dimmer.store.getState();
const limitBox = () => page.getByTestId('memory-limit');
const panel = () => page.getByRole('group', { name: 'Training memory' });

/** Answers the engine's question number `count`. */
async function answer(plan = tinyPlan(6000), count = 1): Promise<void> {
  await expect.poll(() => session.engine.plans.length).toBe(count);
  session.engine.plan(plan);
}

describe('training memory', () => {
  test('says what it is for before anything is known', async () => {
    await expect.element(panel()).toHaveTextContent('Counting what the device will allocate');
    session.dimmer.store.setState({ dataset: null });
    await expect.element(panel()).toHaveTextContent('what training will allocate on the device');
  });

  test('is shown by use and by layer before anything runs, beside what exact training takes', async () => {
    const plan = tinyPlan(6000);
    await answer({
      ...plan,
      memory: {
        ...plan.memory,
        lines: [{ role: 'activation', layer: 'top.0', sizeBytes: 1000, exactBytes: 8000 }],
        exactBytes: { ...plan.memory.bytes, activation: 6000 },
      },
    });
    await expect.element(page.getByTestId('memory-total')).toHaveTextContent('6 kB (−50 %)');
    const bars = page.getByTestId('memory-bars').element().children;
    expect(bars).toHaveLength(2);
    expect(bars[1].getBoundingClientRect().width).toBeCloseTo(bars[0].getBoundingClientRect().width / 2, 0);
    await expect
      .element(page.getByRole('row', { name: 'Activations' }).first())
      .toHaveTextContent('6 kB → 0 B');
    await expect.element(page.getByRole('row', { name: 'Examples' })).toHaveTextContent('500 B');
    await expect.element(page.getByRole('row', { name: 'Saved by sharing' })).toHaveTextContent('−1 kB');
    await userEvent.selectOptions(page.getByLabelText('Show memory'), 'By layer');
    await expect.element(page.getByRole('row', { name: 'top.0' })).toHaveTextContent('8 kB → 1 kB');
  });

  test('offers every choice with what it would take, and trains the one that is taken', async () => {
    await answer();
    const { changes, request } = session.engine.plans[0];
    const totals = changes.map(({ batch, activationBits, gradientRank }) =>
      gradientRank === 64 ? null : 1000 * (batch ?? Number(activationBits ?? 5)),
    );
    session.engine.reply({ type: 'memory-changes', request, totals });
    const select = (lever: string) => page.getByTestId(`memory-${lever}`);
    for (const [lever, name] of [
      ['batch', '16 · 16 kB'],
      ['activationBits', '32, exact · 32 kB'],
      ['activationBits', '8 · 8 kB'],
      ['gradientRank', 'auto: exact · 5 kB'],
      ['gradientRank', '64 · cannot start'],
    ])
      await expect.element(select(lever).getByRole('option', { name })).toBeInTheDocument();
    const runs = session.engine.runs().length;
    await userEvent.selectOptions(select('activationBits'), '8');
    await userEvent.selectOptions(select('gradientRank'), '4');
    await userEvent.selectOptions(select('batch'), '16');
    expect(state().settings).toMatchObject({ activationBits: '8', gradientRank: 4, batch: 16 });
    expect(session.engine.runs()).toHaveLength(runs + 3);
    expect(state().current!.name).toBe('Mixed dimension α 0.30, 8-bit activations, gradients of rank 4');
    session.dimmer.settings.undo();
    session.dimmer.settings.undo();
    await expect.element(select('gradientRank')).toHaveValue('auto');
    await expect.element(select('activationBits')).toHaveValue('8');
  });

  test('says in which layers bits and rank make a difference, or that they make none', async () => {
    const plan = tinyPlan(6000);
    const settings = { ...plan.settings, activationBits: '8', gradientRank: 64 } as const;
    const approximated = { activations: ['embedding', 'top.0'], gradients: [] };
    await answer({ ...plan, settings, memory: { ...plan.memory, approximated } });
    await expect
      .element(page.getByTestId('memory-layers'))
      .toHaveTextContent(/^Activations of 8 bits: embedding, top.0. No dense layer .* changes nothing.$/);
  });

  test('fits into a limit typed with its unit: what gave way is said, and the limit can go', async () => {
    await answer();
    await userEvent.fill(limitBox(), '5.5 kB');
    await userEvent.click(page.getByRole('button', { name: 'Fit', exact: true }));
    expect(state().settings.trainMemory).toBe(0.0055);
    await expect.element(limitBox()).toHaveValue('0.0055 MB');
    expect(session.engine.runs().at(-1)!.settings.trainMemory).toBe(0.0055);
    const plan = tinyPlan(4500);
    const fitted = {
      ...plan,
      settings: { ...plan.settings, activationBits: '4', batch: 8 } as const,
      memory: { ...plan.memory, residentData: false },
    };
    await answer(fitted, 2);
    await expect
      .element(page.getByTestId('memory-fitted'))
      .toHaveTextContent(
        'Fits with activation bits 4 instead of 32, batch 8 instead of 32, examples uploaded for every step.',
      );
    await userEvent.click(page.getByRole('button', { name: 'No limit' }));
    expect(state().settings.trainMemory).toBeNull();
  });

  test('shows what factors keep of every layer’s gradient while a run trains', async () => {
    await answer();
    await userEvent.selectOptions(page.getByLabelText('Show memory'), 'Gradients');
    await expect.element(panel()).toHaveTextContent('With a gradient rank k');
    session.dimmer.settings.change({ gradientRank: 2 });
    const { runId } = session.engine.runs().at(-1)!;
    session.engine.start(runId);
    await expect.element(panel()).toHaveTextContent('drawn at every evaluation');
    const layers = [
      { layer: 'top.0', sigma: [0.5, 0.25], kept: 0.9, followed: 0.618 },
      { layer: 'top.1', sigma: [0, 0], kept: 0.5, followed: -3 },
    ];
    session.engine.event(runId, { kind: 'gradient-spectra', step: 10, layers });
    await expect.element(page.getByRole('row', { name: /top.0 0.50, 0.25 90 % 62 %/ })).toBeVisible();
    await expect.element(page.getByRole('row', { name: 'top.1' })).toHaveTextContent(/50 %< 0 %/);
    await expectAccessible();
  });

  test('that nothing fits is said with the least there is', async () => {
    await answer();
    await userEvent.fill(limitBox(), '1 kB');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => session.engine.plans.length).toBe(2);
    const failure = { name: 'TrainingError', message: 'The least is 3 kB.', remedy: 'Give 3 kB or more.' };
    session.engine.reply({ type: 'no-memory-plan', request: 2, failure });
    await expect
      .element(panel().getByRole('alert'))
      .toHaveTextContent('The least is 3 kB. Give 3 kB or more.');
  });

  test('is what accuracy can be held against', async () => {
    const { datasetKey } = state();
    const bytes = { ...makeRun('x').result.bytes, parameter: 40_000 };
    session.dimmer.store.setState({
      runs: [
        makeRun('a', { datasetKey, parameters: 100 }),
        makeRun('b', { datasetKey, parameters: 50, bytes }),
      ],
    });
    const xOf = (run: string): number =>
      document.querySelector(`[data-run=${run}][data-testid=run-point]`)!.getBoundingClientRect().x;
    await expect.poll(() => page.getByTestId('run-point').elements().length).toBe(2);
    expect(xOf('a')).toBeGreaterThan(xOf('b'));
    await userEvent.selectOptions(page.getByTestId('size'), 'against memory');
    await expect.poll(() => xOf('a') < xOf('b')).toBe(true);
    await expect.element(page.getByRole('img', { name: /bytes that training took/ })).toBeVisible();
  });
});

describe('everyone can use it', () => {
  for (const theme of ['light', 'dark'])
    test(`axe finds nothing in the ${theme} theme, fitted or failed, by use or by layer`, async () => {
      document.documentElement.dataset['theme'] = theme;
      session.dimmer.settings.edit({ trainMemory: 2 });
      await answer();
      await expect.element(page.getByTestId('memory-fitted')).toBeVisible();
      await expectAccessible();
      await userEvent.selectOptions(page.getByLabelText('Show memory'), 'By layer');
      await expectAccessible();
      const failure = { name: 'TrainingError', message: 'Too much.', remedy: 'Give more.' };
      session.dimmer.store.setState({ memory: { plan: null, failure, bytesOf: {} } });
      await expect.element(panel().getByRole('alert')).toBeVisible();
      await expectAccessible();
    });

  test('nothing scrolls sideways at 390 px', async () => {
    await answer();
    session.dimmer.settings.edit({ trainMemory: 2 });
    await page.viewport(390, 844);
    await expect.poll(() => document.documentElement.scrollWidth).toBe(390);
    const { scrollWidth, clientWidth } = panel().element();
    expect(scrollWidth).toBe(clientWidth);
  });
});

async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body.querySelector('div')!);
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
}
