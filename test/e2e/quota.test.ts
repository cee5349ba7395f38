import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** Lets the page store no more than this many bytes, until the function that it returns is called. */
async function limitStorage(app: AppPage, quotaSize: number): Promise<() => Promise<void>> {
  const session = await app.context.newCDPSession(app.page);
  const { origin } = new URL(app.page.url());
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
  // The limit ends with the session.
  return () => session.detach();
}

test('where the browser refuses to store anything more, that is said, training goes on and what was stored stays', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=cpu&e=1' });
  await app.waitForRuns(1);
  const [before] = await app.runs();
  const unlimit = await limitStorage(app, 1);
  // IndexedDB minds the limit only when it is about to write megabytes.
  await app.page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  });
  // Checkpoints every second, and a run whose record and model have no room.
  for (const worker of app.page.workers())
    await worker.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => 15 * now();
    });
  await app.followLink('be=cpu&e=200&pa=0&s=2');
  expect(await app.readNotice('keeps no checkpoints')).toMatch(/go on after a lost GPU/);
  await app.byTestId('stop').click();
  expect(await app.readNotice('does not store runs')).toMatch(/export them/);
  await app.waitForRuns(2);
  await unlimit();
  await app.page.reload();
  await app.waitForRuns(1);
  expect((await app.runs()).map(({ id }) => id)).toContain(before.id);
  await app.close();
});
