import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from '../driver.ts';

/** 200 steps of ratings a run. */
const hash = 'data=ratings&e=10&pa=0&n=4096&be=cpu';

/** What a page says before its own scripts of how many cores there are. */
const withOneCore = (): void => void Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });
const withThreeCores = (): void => void Object.defineProperty(navigator, 'hardwareConcurrency', { value: 3 });

describe('runs side by side', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** The comparison as a CSV, and how many runs were in training at once. */
  async function compare(script: () => void) {
    const app = await AppPage.open(browser, inject('appUrl'), { hash, script });
    await app.waitForRuns(1, 60_000);
    await app.page.keyboard.press('c');
    const dialog = app.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Budgets' }).fill('1/4, 1/8');
    await dialog.getByRole('spinbutton', { name: 'Seeds' }).fill('2');
    await app.byTestId('compare-start').click();
    let beside = 0;
    const bar = app.byTestId('queue-bar');
    await bar.waitFor();
    while ((await bar.count()) > 0) {
      const rows = app.page.getByRole('row').filter({ hasText: 'training beside' });
      beside = Math.max(beside, await rows.count());
    }
    await app.page.getByRole('button', { name: 'Export runs' }).click();
    const download = app.page.waitForEvent('download');
    await app.page.getByRole('menuitem', { name: 'Save as CSV' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(app.problems).toEqual([]);
    await app.close();
    return { beside, runs: readRuns(text) };
  }

  test('are as many as there are cores, and have the bits that they have one after the other', async () => {
    const alone = await compare(withOneCore);
    const together = await compare(withThreeCores);
    expect(alone.beside).toBe(0);
    expect(together.beside).toBe(2);
    expect(together.runs).toHaveLength(9); // and the run that the page begins with
    expect(together.runs).toEqual(alone.runs);
  }, 240_000);
});

/** What a seed, a setting and a device decide, a line a run, in a fixed order. */
function readRuns(csv: string): readonly string[] {
  const [head, ...lines] = csv.trimEnd().split('\n');
  const columns = head.split(',');
  const decided = [
    'method',
    'budget',
    'seed',
    'parameters',
    ...columns.filter((name) => /rmse|mse|steps/i.test(name)),
  ];
  return lines
    .map((line) => {
      // A name in quotes may hold commas.
      const values = line.replaceAll(/"[^"]*"/g, '').split(',');
      return decided.map((name) => values[columns.indexOf(name)]).join(' ');
    })
    .toSorted();
}
