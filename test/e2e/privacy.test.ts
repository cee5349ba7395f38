import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

/** Somebody else's address; a port that nothing listens on, so that the test does not depend on it. */
const elsewhere = 'http://localhost:9/collect';

/** In a page or a worker: which rule stopped a request, or that none did. */
async function tryToSend(address: string): Promise<string> {
  const violation = new Promise<string>((resolve) => {
    addEventListener('securitypolicyviolation', (event) =>
      resolve((event as SecurityPolicyViolationEvent).effectiveDirective),
    );
    setTimeout(() => resolve('not stopped'), 3000);
  });
  const failed = await fetch(address, { method: 'POST', body: 'a line of data' }).then(
    () => false,
    () => true,
  );
  return failed ? violation : 'sent';
}

let browser: Browser;
let app: AppPage;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await AppPage.open(browser, inject('appUrl'));
  await app.waitForStep(1);
});
afterAll(() => browser?.close());

test('the browser stops the page from sending data elsewhere', async () => {
  expect(await app.page.evaluate(tryToSend, elsewhere)).toBe('connect-src');
});

test('the browser stops every worker from sending data elsewhere', async () => {
  const workers = app.page.workers();
  expect(workers.length).toBeGreaterThanOrEqual(2);
  for (const worker of workers) expect(await worker.evaluate(tryToSend, elsewhere)).toBe('connect-src');
});

test('nothing is fetched but from where the page came from', async () => {
  const data = 'data:text/plain,text';
  expect(await app.page.evaluate(tryToSend, data)).toBe('connect-src');
  for (const worker of app.page.workers()) expect(await worker.evaluate(tryToSend, data)).toBe('connect-src');
});
