import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';
import {
  LONGEST_TASK_MS,
  longestCpuMs,
  printRecording,
  quantile,
  recordFiveTimes,
  recordMainThread,
} from './mainThread.ts';

/** Then the runs of a comparison are trained one after the other, each where its spectrum is watched. */
const withOneCore = (): void => void Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });

/** Until the browser has compiled what runs often. */
const WARM_UP_MS = 4000;

/** One person, in order, with the spectrum of a field open: the page answers all the while. */
describe('the spectrum of a field, live', () => {
  let browser: Browser;
  let app: AppPage;

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'), {
      hash: 'be=cpu&e=1000&pa=0',
      script: withOneCore,
    });
    await app.waitForStep(100);
    await app.page.waitForTimeout(WARM_UP_MS);
  });
  afterAll(() => browser?.close());

  /** Of the snapshot that is shown; −1: there is none. */
  const step = async (): Promise<number> =>
    Number((await app.byTestId('spectrum').getAttribute('data-step', { timeout: 20_000 })) ?? -1);
  const moment = (): Promise<string> => app.byTestId('spectrum-moment').innerText({ timeout: 20_000 });
  const facts = (): Promise<string> => app.byTestId('spectrum-facts').innerText({ timeout: 20_000 });
  const nextMeasurement = async (): Promise<void> => {
    const seen = await step();
    await expect.poll(step, { timeout: 20_000 }).toBeGreaterThan(seen);
  };

  async function watch(): Promise<void> {
    await app.page.keyboard.press('v');
    await app.byTestId('spectrum-chart').waitFor();
    expect(await moment()).toContain('sketched: σ within');
    await nextMeasurement();
    await nextMeasurement();
    expect(await facts()).toMatch(/Decay β\n\d\.\d\d ± \d\.\d\d\nα it suggests\n[01]\.\d\d.* · in use 0\.30/);
    expect(await app.byTestId('surprising-rows').getByRole('row').count()).toBeGreaterThan(1);
  }

  async function measureExactly(): Promise<void> {
    await app.byTestId('spectrum-exact').click();
    await expect.poll(moment, { timeout: 20_000 }).toContain('exact, from all');
    await app.byTestId('spectrum-exact').click();
    await expect.poll(moment, { timeout: 20_000 }).toContain('sketched');
  }

  async function dragTwiceAndUndo(): Promise<void> {
    const budget = (): Promise<string> => app.byTestId('budget-box').inputValue();
    const sizes = async (): Promise<number> =>
      Number(await app.byTestId('live-path').getAttribute('data-points', { timeout: 20_000 }));
    await app.dragSlider('budget-slider', 160, 12);
    await expect.poll(sizes, { timeout: 20_000 }).toBe(2);
    const larger = await budget();
    await nextMeasurement();
    const dims = await facts();
    await app.dragSlider('budget-slider', -220, 12);
    await expect.poll(sizes, { timeout: 20_000 }).toBe(3);
    await nextMeasurement();
    expect(await facts()).not.toBe(dims);
    await app.page.keyboard.press('Control+z');
    await expect.poll(budget).toBe(larger);
    await expect.poll(sizes, { timeout: 20_000 }).toBe(2);
    await nextMeasurement();
    expect((await facts()).split('\n')[1]).toBe(dims.split('\n')[1]);
    await app.page.keyboard.press('Control+z');
    await expect.poll(() => app.byTestId('live-path').count()).toBe(0);
  }

  async function letTheDataChoose(): Promise<void> {
    await app.byTestId('let-data-choose').click();
    await expect.poll(facts, { timeout: 60_000 }).toContain('in use none, dims by spectra');
  }

  /** The run in progress makes way for those of the comparison, which are watched in their turn. */
  async function compare(): Promise<void> {
    await app.page.keyboard.press('c');
    await app.page.getByLabel('Budgets').fill('1/8');
    await app.page.getByLabel('Seeds').fill('1');
    await app.byTestId('compare-start').click();
    await app.byTestId('queue-bar').waitFor();
    await app.byTestId('stop').click();
    await app.waitForRuns(1);
    await expect.poll(moment, { timeout: 20_000 }).toMatch(/^Uniform · step/);
    await nextMeasurement();
    await app.byTestId('stop').click();
    await app.waitForRuns(2);
    await expect.poll(moment, { timeout: 20_000 }).toMatch(/^Mixed dimension/);
  }

  test(`no task of the main thread takes over ${LONGEST_TASK_MS} ms while it is measured, resized and undone`, async () => {
    await app.page.keyboard.press('k');
    const recordings = await recordFiveTimes(app, 'with the spectrum open', async () => {
      await watch();
      await measureExactly();
      await dragTwiceAndUndo();
      await app.page.keyboard.press('v');
    });
    expect(quantile(recordings.map(longestCpuMs), 0.5)).toBeLessThanOrEqual(LONGEST_TASK_MS);
    expect(app.problems).toEqual([]);
  });

  test('goes on with dims that the data chose, and with the runs of a comparison', async () => {
    await app.page.keyboard.press('v');
    const recording = await recordMainThread(app, async () => {
      await letTheDataChoose();
      await compare();
    });
    printRecording('chosen and compared, with the spectrum open', recording);
    expect(app.problems).toEqual([]);
  });

  test('stays with the best weights when the last run is over, of every field', async () => {
    await app.byTestId('stop').click();
    await app.waitForRuns(3);
    // Drawn after what is dearer to wait for.
    await expect.poll(moment).toContain('best weights, of step');
    const field = app.byTestId('spectrum').getByRole('combobox', { name: 'Field' });
    for (const name of ['C1', 'C24']) {
      await field.selectOption(name);
      await expect.poll(moment).toContain('best weights, of step');
    }
    expect(app.problems).toEqual([]);
  });
});
