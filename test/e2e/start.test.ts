import { createServer } from 'vite';
import { expect, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

test('the development server of npm start serves a page that trains', async () => {
  const server = await createServer({ server: { host: '127.0.0.1', port: 0, hmr: false }, logLevel: 'warn' });
  const browser = await launchBrowser();
  try {
    await server.listen();
    const app = await AppPage.open(browser, server.resolvedUrls!.local[0]);
    await app.waitForStep(1, 60_000);
    expect(app.foreignRequests()).toEqual([]);
    expect(app.problems).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
