import { readFile } from 'node:fs/promises';
import type { Browser, Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from '../driver.ts';

/** Ratings train in half a second: 15 epochs of 20 steps. */
const hash = 'data=ratings&e=15&pa=0&n=4096&be=cpu';

/** Three methods × two budgets × two seeds, one cancelled: what a step leaves is where the next one starts. */
describe('a comparison from the page', () => {
  let browser: Browser;
  let app: AppPage;
  const bar = (): Locator => app.byTestId('queue-bar');
  const doneRuns = async (): Promise<number> => Number(await bar().getAttribute('data-done'));
  const leftRuns = async (): Promise<number> => Number(await bar().getAttribute('data-left'));

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'), { hash });
    await app.waitForRuns(1, 60_000);
  });

  afterAll(() => browser?.close());

  test('is chosen in a dialog that says how many runs it is, and how long they take', async () => {
    await app.page.keyboard.press('c');
    const dialog = app.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Budgets' }).fill('1/4, 1/8');
    await dialog.getByRole('spinbutton', { name: 'Seeds' }).fill('2');
    expect(await dialog.getByRole('checkbox', { checked: true }).count()).toBe(2);
    await dialog.getByRole('checkbox', { name: /^Hashing trick/ }).check();
    await expect.poll(() => dialog.getByRole('status').innerText()).toMatch(/^12 runs, about \d/);
    expect(await app.findAccessibilityProblems()).toEqual([]);
  });

  test('takes any setting as an axis', async () => {
    const dialog = app.page.getByRole('dialog');
    const size = () => dialog.getByRole('status').innerText();
    await dialog.getByRole('button', { name: 'Add axis' }).click();
    await dialog.getByRole('combobox', { name: 'Setting' }).selectOption({ label: 'Temperature α' });
    await dialog.getByRole('textbox', { name: 'Values of Temperature α' }).fill('0, 0.2, 0.4');
    await expect.poll(size).toMatch(/^20 runs/);
    await dialog.getByRole('textbox', { name: 'Values of Temperature α' }).fill('0, 7');
    await expect.poll(() => dialog.getByRole('alert').innerText()).toContain('Temperature α');
    expect(await app.findAccessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: 'Remove Temperature α' }).click();
    await expect.poll(size).toMatch(/^12 runs/);
  });

  test('starts with one click, and one of its runs can be cancelled', async () => {
    await app.byTestId('compare-start').click();
    await bar().getByRole('button', { name: 'Pause' }).click();
    // Runs that are nearly over end all the same.
    const allRuns = async (): Promise<number> => (await doneRuns()) + (await leftRuns());
    const total = await allRuns();
    expect(await leftRuns()).toBeGreaterThan(2);
    await app
      .byTestId('queued-row')
      .last()
      .getByRole('button', { name: /^Cancel / })
      .click();
    await expect.poll(allRuns).toBe(total - 1);
    await app.readNotice('Cancelled');
    expect(await app.findAccessibilityProblems()).toEqual([]);
  });

  test('survives a reload: the rest waits, and is finished', async () => {
    const [done, left] = [await doneRuns(), await leftRuns()];
    expect(done + left).toBe(11);
    await app.page.reload();
    await expect.poll(leftRuns, { timeout: 20_000 }).toBe(left);
    expect(await doneRuns()).toBe(done);
    await bar().getByRole('button', { name: 'Finish the rest' }).click();
    await bar().waitFor({ state: 'detached', timeout: 60_000 });
  });

  test('is drawn with an error bar for every setting that has two seeds', async () => {
    // The chart draws the last run a moment after the queue has gone.
    await expect.poll(() => app.byTestId('seed-spread').count()).toBeGreaterThanOrEqual(5);
    await app.page.getByRole('combobox', { name: 'Rows' }).selectOption('seeds');
    const rows = await app.byTestId('seed-row').allInnerTexts();
    expect(rows.filter((row) => row.includes(' ± ')).length).toBeGreaterThanOrEqual(5);
    expect(await app.findAccessibilityProblems()).toEqual([]);
  });

  test('is saved as CSV with a line a run', async () => {
    await app.page.getByRole('button', { name: 'Export runs' }).click();
    const text = await readDownload(() => app.page.getByRole('menuitem', { name: 'Save as CSV' }).click());
    const [head, ...lines] = text.trimEnd().split('\n');
    const columns = head.split(',');
    const cells = lines.map((line) => {
      // A name in quotes may hold commas.
      const values = line.replaceAll(/"[^"]*"/g, '').split(',');
      const [method, budget, seed] = ['method', 'budget', 'seed'].map(
        (name) => values[columns.indexOf(name)],
      );
      return { budget: Number(budget), key: `${method} ${budget} ${seed}` };
    });
    const budgets = [...new Set(cells.map(({ budget }) => budget))].sort((a, b) => a - b);
    const compared = cells.filter(({ budget }) => budgets.indexOf(budget) < 2).map(({ key }) => key);
    expect(compared).toHaveLength(11);
    expect(new Set(compared).size).toBe(11);
  });

  test('is saved as a picture that is whole by itself', async () => {
    const save = (format: string) =>
      readDownload(() => app.page.getByRole('button', { name: `Save the chart as ${format}` }).click());
    const svg = await save('SVG');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain('Mixed dimension');
    expect(svg).not.toMatch(/var\(/);
    expect(await save('PNG')).toContain('PNG');
  });

  test('sent nothing anywhere, and nothing in it was an error', () => {
    expect(app.foreignRequests()).toEqual([]);
    expect(app.problems).toEqual([]);
  });

  async function readDownload(start: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([app.page.waitForEvent('download'), start()]);
    return readFile((await download.path())!, 'utf8');
  }
});
