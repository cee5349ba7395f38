import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

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

/** Whether anything is to be seen on each canvas of the dims. */
function drawnCanvases(app: AppPage): Promise<readonly boolean[]> {
  return app.byTestId('dims-chart').evaluate((chart) =>
    Array.from(chart.querySelectorAll('canvas'), (canvas) => {
      const { width, height } = canvas;
      const pixels = canvas.getContext('2d')!.getImageData(0, 0, width, height).data;
      return pixels.some((value) => value > 0);
    }),
  );
}

/** Lets the clock of the workers run faster, so that checkpoints are taken every second. */
async function hurry(app: AppPage): Promise<void> {
  for (const worker of app.page.workers())
    await worker.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => 15 * now();
    });
}

test('a run survives the graphics process, and goes on on the CPU when it dies again', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=webgpu&e=1' });
  await app.waitForStep(3, 90_000);
  await hurry(app);
  await app.waitForStep(12, 90_000);
  await crashGpu();
  expect(await app.readNotice('goes on by itself')).toMatch(/graphics device was lost/);
  await app.waitForStep(20, 90_000);
  expect(await app.byTestId('backend-badge').getAttribute('data-backend')).toBe('webgpu');
  await crashGpu();
  expect(await app.readNotice('twice within a minute')).toMatch(/Training on the CPU/);
  await app.page.getByTestId('run-row').first().waitFor({ timeout: 90_000 });
  expect(await app.byTestId('backend-badge').getAttribute('data-backend')).toBe('cpu');
  expect(await app.byTestId('run-row').count()).toBe(1);
  expect(await drawnCanvases(app)).toEqual([true, true]);
  await app.close();
});

test('a run goes on from its checkpoint after a reload, and leaves one row', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=cpu&e=20&pa=0' });
  await app.waitForStep(5);
  await hurry(app);
  const before = await app.step();
  await app.waitForStep(before + 400);
  await app.page.reload();
  await app.page
    .getByText(/goes on from step \d/)
    .first()
    .waitFor({ timeout: 30_000 });
  await app.byTestId('stop').click();
  await app.page.getByTestId('run-row').first().waitFor({ timeout: 30_000 });
  expect(await app.byTestId('run-row').count()).toBe(1);
  await app.close();
});
