import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from '../driver.ts';

/** 40 steps of ratings: a run takes a moment. */
const hash = 'data=ratings&e=2&pa=0&n=4096&be=cpu';
const REPEATS = 10;
const REOPENED = 5;

/** What the same run can never become is more than one run: what a test leaves is where the next one starts. */
describe('one seed, however often it is trained', () => {
  let browser: Browser;
  let app: AppPage;
  const onlyRun = async (page: AppPage): Promise<string> => {
    await page.waitForRuns(1, 60_000);
    const runs = await page.runs();
    expect(runs).toHaveLength(1);
    return runs[0].id;
  };
  const repeat = async (page: AppPage): Promise<void> => {
    const before = await onlyRun(page);
    await page.page.keyboard.press('r');
    await expect.poll(async () => (await page.runs()).at(0)?.id, { timeout: 60_000 }).not.toBe(before);
  };
  /** The table of means has one row, of one seed, without a deviation that nothing shows. */
  const checkSeeds = async (page: AppPage): Promise<void> => {
    await page.page.getByRole('combobox', { name: 'Rows' }).selectOption('seeds');
    const rows = await page.byTestId('seed-row').allInnerTexts();
    expect(rows).toHaveLength(1);
    expect(rows[0]).not.toContain('±');
    expect(rows[0].trim().split(/\s+/).at(-1)).toBe('1');
    expect(await page.byTestId('seed-spread').count()).toBe(0);
    await page.page.getByRole('combobox', { name: 'Rows' }).selectOption('runs');
  };

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'), { hash });
    await onlyRun(app);
  });

  afterAll(() => browser?.close());

  test(`is one run after ${REPEATS} repeats`, async () => {
    for (let i = 0; i < REPEATS; i++) await repeat(app);
    await onlyRun(app);
    await checkSeeds(app);
  });

  test(`is one run, which nobody trains again, when the page is opened ${REOPENED} times`, async () => {
    const id = await onlyRun(app);
    for (let i = 0; i < REOPENED; i++) {
      await app.page.reload();
      expect(await onlyRun(app)).toBe(id);
      // Of a run that is shown, not trained, nothing is in progress.
      expect(await app.trainingRun()).toBe('');
    }
    await checkSeeds(app);
  });

  test('is one run when two tabs train it', async () => {
    const second = await AppPage.openIn(app.context, `${inject('appUrl')}#${hash}`);
    await onlyRun(second);
    for (const tab of [app, second, app]) await repeat(tab);
    // Each tab has a run of its own until the next visit, which finds both.
    for (const tab of [app, second]) {
      await tab.page.reload();
      await onlyRun(tab);
      await checkSeeds(tab);
    }
    expect([...app.problems, ...second.problems]).toEqual([]);
  });
});
