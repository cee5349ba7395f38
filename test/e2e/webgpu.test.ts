import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

for (const sample of ['clicks', 'ratings'])
  test(`asked for by the link, WebGPU trains ${sample} on the software adapter without an uncaptured error`, async () => {
    const app = await AppPage.open(browser, inject('appUrl'), { hash: `be=webgpu&d=${sample}&e=1` });
    await app.waitForStep(5, 90_000);
    expect(await app.byTestId('backend-badge').innerText()).toMatch(/webgpu|swiftshader/i);
    expect(app.problems).toEqual([]);
    await app.close();
  });

test('a dispatch that the device refuses ends the run with a message, and these tests see it', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=webgpu' });
  await app.waitForStep(1, 90_000);
  for (const worker of app.page.workers())
    await worker.evaluate(() => {
      const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
      GPUComputePassEncoder.prototype.dispatchWorkgroups = function (this: GPUComputePassEncoder) {
        return dispatchWorkgroups.call(this, 2 ** 31);
      };
    });
  expect(await app.readNotice('refused by the graphics device')).toMatch(/defect of Dimmer/);
  expect(app.problems.join('\n')).toMatch(/Uncaptured GPU error: .*workgroup/i);
  await app.close();
});
