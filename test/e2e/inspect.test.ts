import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

let browser: Browser;
let app: AppPage;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await AppPage.open(browser, inject('appUrl'), { hash: 'm=uniform&b=60000&e=1&s=7' });
  await app.waitForRuns(1);
  await app.followLink('m=mixed-dimension&a=0.4&b=60000&e=1&s=7');
  await app.waitForRuns(2);
});
afterAll(() => browser?.close());

test('a run is compared with uniform example by example, also after a reload', async () => {
  await lookAtMixed();
  await app.page.reload();
  await app.waitForRuns(2);
  await lookAtMixed();
});

async function lookAtMixed(): Promise<void> {
  const row = app.byTestId('run-row').filter({ hasText: '0.4' });
  await row.getByRole('button').first().click();
  const difference = app.byTestId('against-uniform');
  await difference.waitFor();
  expect(await difference.textContent()).toMatch(/AUC.*[+−]0\.\d{4} \([+−]0\.\d{4} to [+−]0\.\d{4}\)/);
  expect(await app.byTestId('slice-table').locator('tbody tr').count()).toBeGreaterThan(2);
  expect(await app.byTestId('reliability-table').locator('tbody tr').count()).toBe(10);
  expect(await app.findAccessibilityProblems()).toEqual([]);
  await app.page.keyboard.press('Escape');
}
