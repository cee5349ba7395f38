import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from '../driver.ts';

/** 240 steps of ratings, with an evaluation every 20. */
const hash = 'data=ratings&e=12&pa=0&n=4096&be=cpu';

describe('a search from the page', () => {
  let browser: Browser;
  let app: AppPage;
  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'), { hash });
    await app.waitForRuns(1, 120_000);
  });
  afterAll(() => browser?.close());

  const start = async (): Promise<void> => {
    await app.page.keyboard.press('c');
    const dialog = app.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Budgets' }).fill('1/8');
    await dialog.getByRole('spinbutton', { name: 'Learning rates of a search' }).fill('3');
    await app.byTestId('search-start').click();
    await app.byTestId('search-bar').waitFor();
  };

  test('can be cancelled, and leaves nothing that waits', async () => {
    await start();
    expect(await app.findAccessibilityProblems()).toEqual([]);
    await app.page.getByRole('button', { name: 'Cancel the search' }).click();
    await app.byTestId('search-bar').waitFor({ state: 'detached' });
    await app.byTestId('queue-bar').waitFor({ state: 'detached', timeout: 60_000 });
  });

  test('says what is on the front, and with how many tries it was found', async () => {
    await start();
    const outcome = app.page.locator('[data-testid=search-bar][data-over=true]');
    await outcome.waitFor({ timeout: 180_000 });
    expect(await outcome.innerText()).toMatch(
      /On the front:[^]*the best of 3 tries[^]*Chosen by validation, each method from 3 learning rates/,
    );
    expect(await app.findAccessibilityProblems()).toEqual([]);
    // Whole runs alone are in the list: the first, and both winners with two seeds each.
    expect((await app.runs()).length).toBeGreaterThanOrEqual(5);
    for (const { name } of await app.runs()) expect(name).not.toContain('to step');
    expect(app.problems).toEqual([]);
  });
});
