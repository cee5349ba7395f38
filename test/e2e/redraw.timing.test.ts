import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';
import { readRedraws, watchRedraws } from './redraws.ts';

const cases = [
  { name: '26 fields', hash: 'be=cpu', limitMs: 8 },
  { name: '26 fields × 8 blocks', hash: 'be=cpu&k=8&p=empirical', limitMs: 16 },
] as const;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

for (const { name, hash, limitMs } of cases)
  test(`slider input to redrawn bars takes at most ${limitMs} ms of script for ${name}, while training`, async () => {
    const app = await AppPage.open(browser, inject('appUrl'), { hash });
    await app.waitForStep(1);
    const stepBefore = await app.step();
    await watchRedraws(app);
    await app.dragSlider('alpha-slider', 200, 40);
    await app.dragSlider('budget-slider', -150, 40);
    const sorted = (await readRedraws(app)).toSorted((a, b) => a - b);
    const [median, slow] = [0.5, 0.95].map((share) => sorted[Math.floor(share * sorted.length)]);
    console.log(
      `${name}: ${sorted.length} redraws, median ${median.toFixed(2)} ms, 95 % below ${slow.toFixed(2)} ms`,
    );
    expect(sorted.length).toBeGreaterThan(40);
    // A median: nearly half of the redraws may lose their core to other programs. 1.1 and 1.3 ms at a load of 5.
    expect(median).toBeLessThanOrEqual(limitMs);
    // Training went on meanwhile: what was measured is not an idle page.
    await app.waitForStep(stepBefore + 1);
    expect(app.problems).toEqual([]);
    await app.close();
  });
