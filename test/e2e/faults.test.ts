import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

// What test/unit/faults.slow.test.ts cannot ask for without a page.

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

test('a run whose graphics process dies is trained on, and is not taken for one that was stopped', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=webgpu&e=1&pa=0' });
  await app.waitForStep(8, 90_000);
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess' as never);
  await session.detach();
  await app.waitForStep(16, 60_000);
  expect(await app.byTestId('run-row').count()).toBe(0);
  await app.close();
});
