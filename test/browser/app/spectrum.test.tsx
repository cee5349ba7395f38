import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { App } from '../../../src/app/page/App.tsx';
import { listenToKeys } from '../../../src/app/commands/keyboard.ts';
import '../../../src/app/page/tokens.css';
import { DimmerContext } from '../../../src/app/useDimmer.ts';
import { type FakeSession, openSession } from '../../unit/app/fakeSession.ts';
import { makePicture, makeReport } from '../../unit/app/pictures.ts';
import type { SpectrumSnapshot } from '../../../src/training/spectrum/fieldReport.ts';

let session: FakeSession;
let stopKeys: () => void;

beforeEach(async () => {
  await page.viewport(1440, 900);
  document.documentElement.dataset['theme'] = 'light';
  session = await openSession();
  stopKeys = listenToKeys(session.dimmer, document);
  await render(
    <DimmerContext value={session.dimmer}>
      <App />
    </DimmerContext>,
  );
});
afterEach(() => stopKeys());

const view = () => page.getByTestId('spectrum');
const runId = () => session.engine.runs().at(-1)!.runId;
const show = (picture: Partial<SpectrumSnapshot>) =>
  session.engine.reply({ type: 'spectrum', runId: runId(), snapshot: makePicture(picture) });
const watched = () =>
  session.engine.requests
    .flatMap((request) => (request.type === 'monitor-spectrum' ? [request.query] : []))
    .at(-1);

describe('the spectrum of a field', () => {
  test('is opened by its key, its button and a field of the table, and closed by the key', async () => {
    await userEvent.keyboard('v');
    await expect.element(view()).toHaveTextContent('Looking at large …');
    await userEvent.keyboard('v');
    await expect.element(page.getByTestId('dims-chart')).toBeVisible();
    expect(watched()).toBeNull();
    await userEvent.click(page.getByTestId('dims-spectrum'));
    await expect.element(view()).toBeVisible();
    await userEvent.click(page.getByTestId('dims-table'));
    await userEvent.click(page.getByRole('button', { name: 'small', exact: true }));
    await expect.element(view()).toHaveTextContent('Looking at small …');
    expect(watched()).toEqual({ field: 0, exact: false });
  });

  test('says its run and step, its numbers, and the rows that matter, by name', async () => {
    session.dimmer.ui.showSpectrum(null);
    show({ step: 120 });
    await expect
      .element(page.getByTestId('spectrum-moment'))
      .toHaveTextContent('Mixed dimension α 0.30 · step 120 · sketched: σ within 10 % as a rule');
    await expect.element(view()).toHaveAttribute('data-step', '120');
    const facts = page.getByTestId('spectrum-facts');
    for (const text of ['1.20 ± 0.10', '0.42 · in use 0.30', '2, 3 · as looked up 1, 2'])
      await expect.element(facts).toHaveTextContent(text);
    await expect.element(page.getByRole('row', { name: 'film 30' })).toHaveTextContent('0.400 1.31.');
    await expect.element(page.getByRole('row', { name: 'rare values' })).toBeVisible();
    await expect.element(page.getByRole('row', { name: '#20' })).toBeVisible();
    await userEvent.selectOptions(view().getByRole('combobox', { name: 'Numbers' }), 'Singular values');
    await expect.element(page.getByRole('row', { name: /^2 2.00 0.20 0.200$/ })).toBeVisible();
    await expect.element(page.getByRole('img', { name: /3 of them, 2 keep 90 %/ })).toBeVisible();
  });

  test('is drawn anew at a new look, and not for anything else', async () => {
    session.dimmer.ui.showSpectrum(null);
    show({ step: 120 });
    const chart = page.getByTestId('spectrum-chart');
    await expect.element(chart).toBeVisible();
    await expect.poll(() => chart.element().querySelectorAll('path').length).toBeGreaterThan(5);
    let mutations = 0;
    const observer = new MutationObserver((records) => (mutations += records.length));
    observer.observe(chart.element(), { subtree: true, childList: true, attributes: true });
    session.engine.start(runId());
    session.engine.progress(runId(), 1, [0.5, 0.4]);
    for (const alpha of [0.4, 0.5]) session.dimmer.settings.edit({ alpha });
    const alphaBox = page.getByTestId('alpha-box').element() as HTMLInputElement;
    await expect
      .poll(() => [session.dimmer.live.getState().step, Number(alphaBox.value)], { timeout: 20_000 })
      .toEqual([2, 0.5]);
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    expect(mutations).toBe(0);
    show({ step: 240, report: makeReport({ singularValues: [40, 2, 1] }) });
    await expect.poll(() => mutations).toBeGreaterThan(0);
    observer.disconnect();
  });

  test('is asked for exactly, which is said of the answer', async () => {
    session.dimmer.ui.showSpectrum(null);
    show({});
    const button = page.getByTestId('spectrum-exact');
    await expect.element(button).toHaveTextContent('Exact: 40 rows');
    await userEvent.click(button);
    await expect.element(button).toHaveAttribute('aria-pressed', 'true');
    expect(watched()).toEqual({ field: 1, exact: true });
    show({ step: 200, report: makeReport({ typicalError: 0, distortion: 0 }) });
    await expect
      .element(page.getByTestId('spectrum-moment'))
      .toHaveTextContent('step 200 · exact, from all 40 rows');
    await userEvent.selectOptions(view().getByLabelText('Field'), 'small');
    expect(watched()).toEqual({ field: 0, exact: false });
  });

  test('outlives its run, and says which fields were not looked at', async () => {
    session.dimmer.ui.showSpectrum(null);
    session.engine.start(runId());
    show({ step: 80, isBest: true });
    session.engine.finish(runId());
    await expect.element(page.getByTestId('spectrum-moment')).toHaveTextContent('best weights, of step 80');
    await expect.element(page.getByTestId('spectrum-exact')).toBeDisabled();
    await userEvent.selectOptions(view().getByLabelText('Field'), 'small');
    await expect
      .element(view())
      .toHaveTextContent('The run is over, small was not looked at, and its model is not kept. Train again');
  });

  test('is that of any run whose model is kept, chosen here or where the model is', async () => {
    const first = runId();
    session.engine.finish(first, { bestStep: 60 }, new Blob(['weights']));
    session.dimmer.settings.change({ alpha: 0.4 });
    session.engine.start(runId());
    session.dimmer.ui.showSpectrum(null);
    show({ step: 20 });
    await expect.element(page.getByTestId('spectrum-moment')).toHaveTextContent('α 0.40 · step 20');
    const looks = () => session.engine.requests.filter(({ type }) => type === 'measure-saved').length;
    const look = (step: number) =>
      session.engine.reply({
        type: 'spectrum',
        runId: first,
        snapshot: makePicture({ step, isBest: true }),
      });
    await userEvent.selectOptions(page.getByTestId('spectrum-run'), [first]);
    await expect.poll(looks).toBe(1);
    look(60);
    await expect
      .element(page.getByTestId('spectrum-moment'))
      .toHaveTextContent('α 0.30 · best weights, of step 60');
    await userEvent.selectOptions(page.getByTestId('spectrum-run'), 'Run in progress');
    expect(watched()).toEqual({ field: 1, exact: false });
    session.dimmer.ui.show({ dimsView: 'bars' });
    await userEvent.click(page.getByTestId('model'));
    await userEvent.click(page.getByTestId('model-spectrum'));
    await expect.element(page.getByTestId('spectrum-run')).toHaveValue(first);
  });

  test('says why there is none: shared rows, a full device, nothing but zeros, no run', async () => {
    session.dimmer.ui.showSpectrum(null);
    session.dimmer.settings.change({ method: 'hashing' });
    show({ report: null });
    await expect.element(view()).toHaveTextContent('the vectors of large are more than rows of a table');
    show({ report: null, problem: 'No memory is left. Lower the budget.' });
    await expect.element(view().getByRole('alert')).toHaveTextContent('No memory is left. Lower the budget.');
    show({ report: makeReport({ singularValues: [0, 0], rank: 0, beta: undefined }) });
    await expect.element(view()).toHaveTextContent('zero or no longer numbers');
    await session.dimmer.data.openSample('ratings');
    session.dimmer.runs.cancelCurrent();
    session.dimmer.ui.showSpectrum(null);
    await expect.element(view()).toHaveTextContent('Train a run (Space)');
  });
});

describe('everyone can use it', () => {
  for (const theme of ['light', 'dark'])
    test(`axe finds nothing in the ${theme} theme, drawn or waiting`, async () => {
      document.documentElement.dataset['theme'] = theme;
      session.dimmer.ui.showSpectrum(null);
      await expect.element(view()).toBeVisible();
      await expectAccessible();
      show({});
      await expect.element(page.getByTestId('spectrum-chart')).toBeVisible();
      await expectAccessible();
    });

  test('nothing scrolls sideways at 390 px', async () => {
    session.dimmer.ui.showSpectrum(null);
    show({});
    await page.viewport(390, 844);
    await expect.element(page.getByTestId('spectrum-chart')).toBeVisible();
    await expect.poll(() => document.documentElement.scrollWidth).toBe(390);
    const { scrollWidth, clientWidth } = view().element();
    expect(scrollWidth).toBe(clientWidth);
  });
});

async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body.querySelector('div')!);
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
}
