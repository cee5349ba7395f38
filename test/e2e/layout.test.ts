import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

const screens = [
  { name: 'a laptop', width: 1440, height: 900 },
  { name: 'a phone', width: 390, height: 844 },
] as const;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

for (const colorScheme of ['light', 'dark'] as const)
  for (const { name, width, height } of screens)
    describe(`on ${name}, in ${colorScheme}`, () => {
      let app: AppPage;

      beforeAll(async () => {
        app = await AppPage.open(browser, inject('appUrl'), { width, height, colorScheme });
        await app.waitForStep(1);
      });
      afterAll(() => app?.close());

      test('the page follows the system’s colours', async () => {
        const [red, green, blue] = await app.page.evaluate(() =>
          (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? []).map(Number),
        );
        expect((red + green + blue) / 3 > 128).toBe(colorScheme === 'light');
      });

      test('nothing has to be scrolled sideways, and on a laptop nothing at all', async () => {
        const { x, y } = await app.findOverflow();
        expect(x).toBeLessThanOrEqual(0);
        if (width >= 1440) expect(y).toBeLessThanOrEqual(0);
      });

      test('both sliders and both charts are there, at a size a hand can use', async () => {
        for (const testId of ['alpha-slider', 'budget-slider', 'dims-chart', 'accuracy-chart']) {
          const box = await app.findBox(testId);
          expect(box.width, testId).toBeGreaterThan(200);
          expect(box.height, testId).toBeGreaterThan(16);
          expect(box.x + box.width, testId).toBeLessThanOrEqual(width);
        }
      });

      test('axe finds no accessibility problem', async () => {
        expect(await app.findAccessibilityProblems()).toEqual([]);
      });

      test('axe finds none in the dialogs of shortcuts and settings either', async () => {
        for (const key of ['?', ',']) {
          await app.page.keyboard.press(key);
          await app.page.getByRole('dialog').waitFor();
          expect(await app.findAccessibilityProblems(), `dialog of ${key}`).toEqual([]);
          await app.page.keyboard.press('Escape');
          await app.page.getByRole('dialog').waitFor({ state: 'hidden' });
        }
      });
    });
