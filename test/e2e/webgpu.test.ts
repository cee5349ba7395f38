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
