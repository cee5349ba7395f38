import { gzipSync } from 'node:zlib';
import { createServer } from 'vite';
import { expect, inject, test } from 'vitest';
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

test('what the page itself runs, charts and dialogs included, is at most 330 kB of JavaScript gzipped', async () => {
  const browser = await launchBrowser();
  try {
    const app = await AppPage.open(browser, inject('appUrl'));
    await app.waitForStep(1, 60_000);
    await app.byTestId('dims-spectrum').click();
    await app.byTestId('accuracy-chart').waitFor();
    const scripts = await app.page.evaluate(
      () =>
        performance
          .getEntriesByType('resource')
          .map(({ name }) => name)
          .filter((name) => /[.]js$/.test(name) && !/[/](engine|loader)-[^/]*$/.test(name)), // those run in workers
    );
    expect(scripts.length).toBeGreaterThan(2);
    const sizes = await Promise.all(
      [...new Set(scripts)].map(async (script) => gzipSync(await (await fetch(script)).arrayBuffer()).length),
    );
    const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
    console.info(`page JavaScript: ${(sizeBytes / 1000).toFixed(1)} kB gzipped in ${sizes.length} files`);
    expect(sizeBytes).toBeLessThan(330_000);
  } finally {
    await browser.close();
  }
});
