import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';
import { recordMainThread } from './mainThread.ts';

/** One person, in order: what is made of a trained model stands beside it, today and after a reload. */
describe('a model that is compressed after training', () => {
  let browser: Browser;
  let app: AppPage;

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=cpu&m=full&e=1&pa=0' });
    await app.waitForRuns(1, 120_000);
  });
  afterAll(() => browser?.close());

  /** Of the run that was trained last. */
  const modelButton = () => {
    const name = app.page.getByRole('button', { name: 'Full', exact: true });
    return app.byTestId('run-row').filter({ has: name }).first().getByTestId('model');
  };
  const choose = async (by: string, budgets: string, steps: string): Promise<void> => {
    await modelButton().click();
    await app.byTestId('compress-by').selectOption(by);
    await app.byTestId('compress-budgets').fill(budgets);
    await app.byTestId('compress-steps').fill(steps);
  };
  const parametersOf = async (): Promise<readonly number[]> => {
    const cells = await app.byTestId('run-row').locator('td:nth-of-type(1)').allInnerTexts();
    return cells.map((text) => Number(text.replaceAll(',', '')));
  };

  test('gives a point before and after its further steps for every budget, none above it', async () => {
    await choose('truncate', '1/4, 30k', '20');
    await app.byTestId('compress-start').click();
    await app.waitForRuns(5, 120_000);
    const [full] = (await parametersOf()).toSorted((a, b) => b - a);
    const made = (await parametersOf()).filter((parameters) => parameters !== full);
    expect(made.filter((parameters) => parameters <= 30_000)).toHaveLength(2);
    expect(made.filter((parameters) => parameters <= full / 4)).toHaveLength(4);
    const names = (await app.readRunTable()).map((row) => row.split('\t')[0]);
    expect(names).toContain('Full, truncated to 30k');
    expect(names).toContain('Full, truncated to 30k, +20 steps');
    expect(await app.pointIds()).toHaveLength(5);
    expect(await app.byTestId('run-path').count()).toBe(4);
    expect(app.problems).toEqual([]);
  });

  test('says on its point what it is', async () => {
    const rows = app.byTestId('run-row').filter({ hasText: '+20 steps' });
    await rows.first().hover();
    await app.page.getByText(/truncated to [\d.]+k, \+20 steps, compressed after training/).waitFor();
  });

  test('keeps no hand waiting while it is made, stored and drawn', async () => {
    const { tasks } = await recordMainThread(app, async () => {
      await choose('quantise', '1/4', '20');
      await app.byTestId('compress-start').click();
      await app.waitForRuns(7, 120_000);
    });
    const longest = Math.max(...tasks.map(({ cpuMs }) => cpuMs));
    console.log(`compressing, storing and drawing: longest task ${longest.toFixed(1)} ms of CPU time`);
    expect(longest).toBeLessThan(50);
  });

  test('is still there after a reload, with the weights that others are made of', async () => {
    await app.page.reload();
    await app.waitForRuns(7, 120_000);
    await choose('hash', '1/8', '0');
    await app.byTestId('compress-start').click();
    await app.page
      .getByText(/^Full, hashed to [\d.]+k$/)
      .first()
      .waitFor({ timeout: 60_000 });
    expect(app.problems).toEqual([]);
  });

  test('is told at once which budgets a way cannot reach', async () => {
    await choose('quantise', '1/8', '0');
    expect(await app.byTestId('compress-start').isDisabled()).toBe(true);
    await app.page.getByText('rounded to 4 bits').waitFor();
    expect(await app.findAccessibilityProblems()).toEqual([]);
  });

  test('can be taken away as a file', async () => {
    const [download] = await Promise.all([
      app.page.waitForEvent('download'),
      app.byTestId('model-download').click(),
    ]);
    expect(download.suggestedFilename()).toBe('dimmer Full.safetensors');
    const bytes = await readFile(await download.path());
    const header = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString();
    expect(JSON.parse(header)).toHaveProperty(['embedding.table.0', 'shape']);
    await app.page.keyboard.press('Escape');
  });

  test('is gone with its run, and back with it', async () => {
    const row = app.byTestId('run-row').filter({ hasText: 'hashed to' }).first();
    await row.getByRole('button', { name: /^Delete/ }).click();
    await expect.poll(() => app.byTestId('run-row').filter({ hasText: 'hashed to' }).count()).toBe(0);
    await app.byTestId('notice').getByRole('button', { name: 'Undo' }).click();
    await row.waitFor();
    await expect.poll(() => row.getByTestId('model').isEnabled()).toBe(true);
    await row.getByTestId('model').click();
    await app.page.getByText('Its ids share what is stored').waitFor();
    expect(app.problems).toEqual([]);
  });
});
