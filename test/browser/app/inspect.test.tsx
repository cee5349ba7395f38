import axe from 'axe-core';
import '../../../src/app/page/tokens.css';
import { beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { App } from '../../../src/app/page/App.tsx';
import { DimmerContext } from '../../../src/app/useDimmer.ts';
import { clickMetrics, measure, measureIntervals } from '../../../src/metrics/metrics.ts';
import { reportClicks } from '../../../src/metrics/testReport.ts';
import { Random } from '../../../src/random/random.ts';
import { inspectRun } from '../../../src/worker/inspectRun.ts';
import { tinyDataset } from '../../unit/training/tinyDataset.ts';
import { type FakeSession, makeRun, openSession } from '../../unit/app/fakeSession.ts';

let session: FakeSession;
const state = () => session.dimmer.store.getState();
const dataset = tinyDataset('click', 3000);
const { start, count } = dataset.splits.test;
const labels = dataset.labels.subarray(start, start + count);
const random = new Random(1, 'predictions');
const [own, uniform] = [0.6, 0.9].map((noise) =>
  Float32Array.from(labels, (label) => label - 0.5 + noise * random.normal()),
);

/** Two runs on the page, one of them uniform, whose predictions are kept; the engine answers what it is asked. */
beforeEach(async () => {
  await page.viewport(1440, 900);
  session = await openSession();
  document.documentElement.dataset['theme'] = 'light';
  const predictions = { values: own, labels };
  const testIntervals = measureIntervals(predictions, 'click');
  const users = { name: 'user_id', ids: Uint32Array.from(labels, (_, i) => i % 30), rareId: 99 };
  const testReport = reportClicks(predictions, clickMetrics(predictions), testIntervals.logLoss!, users);
  const { datasetKey } = state();
  const runs = (['uniform', 'mixed-dimension'] as const).map((method) => {
    const { result } = makeRun(method);
    const metrics = Object.assign({}, result.metrics, { test: measure(predictions, 'click') });
    const settings = Object.assign({}, result.settings, { method, budget: 400 });
    return makeRun(method, { datasetKey, settings, metrics, testIntervals, testReport });
  });
  session.dimmer.store.setState({ runs });
  await session.predictions.put('uniform', new Blob([uniform]));
  await session.predictions.put('mixed-dimension', new Blob([own]));
  await render(
    <DimmerContext value={session.dimmer}>
      <App />
    </DimmerContext>,
  );
});

/** Plays the engine, as soon as it is asked about a field. */
async function answer(field = 0): Promise<void> {
  const asked = () =>
    session.engine.requests
      .filter((request) => request.type === 'inspect')
      .findLast((request) => request.field === field);
  await expect.poll(asked).toBeDefined();
  const request = asked()!;
  const inspection = await inspectRun(dataset, request, () => Promise.resolve());
  session.engine.reply({ type: 'inspection', runId: request.runId, inspection });
}

describe('the dialog of a run', () => {
  test('opens from its name by keyboard, and shows metrics, differences, reliability and slices', async () => {
    page
      .getByTestId('run-row')
      .getByRole('button', { name: 'Run mixed-dimension', exact: true })
      .element()
      .focus();
    await userEvent.keyboard('{Enter}');
    await answer();
    const dialog = page.getByRole('dialog');
    await expect.element(dialog).toHaveTextContent('Validation chose its weights');
    await expect
      .element(page.getByTestId('test-metrics'))
      .toHaveTextContent(/AUC0\.\d{4}0\.\d{4} to 0\.\d{4}/);
    await expect.element(dialog).toHaveTextContent(/Within the \d+ values of user_id/);
    await expect.element(page.getByTestId('against-uniform')).toHaveTextContent(/AUC\+0\.\d{4}/);
    expect(page.getByTestId('slice-table').element().querySelectorAll('tbody tr').length).toBeGreaterThan(2);
    await expect.poll(() => dialog.element().querySelectorAll('.recharts-surface').length).toBe(2);
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog).not.toBeInTheDocument();
  });

  test('opens from its point on the chart', async () => {
    const point = page.getByTestId('run-point').first();
    await expect.element(point).toBeInTheDocument();
    point.element().dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await expect.element(page.getByTestId('run-inspector')).toBeInTheDocument();
  });

  test('slices by the field that is chosen', async () => {
    session.dimmer.inspect.open('mixed-dimension');
    await answer();
    await page.getByTestId('slice-field').selectOptions('1');
    expect(state().inspectedField).toBe(1);
    await answer(1);
    await expect.poll(() => state().inspection).toMatchObject({ kind: 'ready', inspection: { field: 1 } });
  });

  test.each([390, 1280, 1920])('is no wider than a page of %d px', async (width) => {
    await page.viewport(width, 900);
    session.dimmer.inspect.open('mixed-dimension');
    await answer();
    await expect.element(page.getByTestId('slice-table')).toBeInTheDocument();
    const dialog = page.getByRole('dialog').element();
    expect(dialog.scrollWidth).toBeLessThanOrEqual(dialog.clientWidth);
    expect(dialog.getBoundingClientRect().right).toBeLessThanOrEqual(width);
  });

  for (const theme of ['light', 'dark'])
    test(`axe finds nothing in the ${theme} theme, compared or with nothing to compare`, async () => {
      document.documentElement.dataset['theme'] = theme;
      session.dimmer.inspect.open('mixed-dimension');
      await answer();
      await expect.element(page.getByTestId('against-uniform')).toBeInTheDocument();
      await expectNoViolations();
      session.dimmer.store.setState({ inspection: { kind: 'gone' } });
      await expect.element(page.getByTestId('against-uniform')).not.toBeInTheDocument();
      await expectNoViolations();
    });
});

async function expectNoViolations(): Promise<void> {
  const { violations } = await axe.run(page.getByRole('dialog').element());
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
}
