import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

// What test/unit/faults.slow.test.ts cannot ask for without a page.

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function crashGpu(): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess' as never);
  await session.detach();
}

test('a run whose graphics process dies is trained on, and is not taken for one that was stopped', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=webgpu&e=1&pa=0' });
  await app.waitForStep(8, 90_000);
  await crashGpu();
  await app.waitForStep(16, 60_000);
  expect(await app.byTestId('run-row').count()).toBe(0);
  await app.close();
});

test('a comparison has all of its runs, also where the graphics process dies under one of them', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'data=ratings&e=4&pa=0&be=webgpu' });
  await app.waitForRuns(1, 90_000);
  await app.page.keyboard.press('c');
  const dialog = app.page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Budgets' }).fill('1/8');
  await dialog.getByRole('spinbutton', { name: 'Seeds' }).fill('2');
  await app.byTestId('compare-start').click();
  await expect.poll(() => app.trainingRun(), { timeout: 60_000 }).not.toBe('');
  await crashGpu();
  await app.waitForRuns(5, 90_000);
  const rows = await app.readRunTable();
  expect(rows.filter((row) => /stopped|failed/i.test(row))).toEqual([]);
  await app.close();
}, 240_000);
