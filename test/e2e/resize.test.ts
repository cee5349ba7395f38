import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

/** One person, in order: a run is resized under way, taken back, and ends as one path on the chart. */
describe('a drag that keeps what the run has learnt', () => {
  let browser: Browser;
  let app: AppPage;

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=cpu&e=6&pa=0' });
    await app.waitForStep(20);
  });
  afterAll(() => browser?.close());

  const livePoints = async (): Promise<number> =>
    Number((await app.byTestId('live-path').getAttribute('data-points', { timeout: 20_000 })) ?? 0);

  test('goes on at the steps it has, at another size', async () => {
    await app.page.keyboard.press('k');
    expect(await app.byTestId('keepLearnt').getAttribute('aria-pressed')).toBe('true');
    const before = await app.step();
    await app.dragSlider('budget-slider', -120, 6);
    await app.byTestId('live-path').waitFor();
    expect(await app.step()).toBeGreaterThanOrEqual(before);
    expect(await livePoints()).toBe(2);
    await app.dragSlider('alpha-slider', 60, 4);
    await expect.poll(livePoints).toBe(3);
    expect(await app.runs()).toEqual([]);
  });

  test('is taken back by undo', async () => {
    const alpha = await app.alpha();
    await app.page.keyboard.press('Control+z');
    await expect.poll(() => app.alpha()).not.toBe(alpha);
    await expect.poll(livePoints).toBe(2);
  });

  test('becomes one run, whose sizes the chart joins', async () => {
    await app.byTestId('stop').click();
    await app.waitForRuns(1);
    await app.byTestId('run-path').waitFor();
    expect(await app.byTestId('run-path').getAttribute('data-points')).toBe('2');
    expect(app.problems).toEqual([]);
  });

  test('leaves a run alone whose vectors are not rows of their own, and says why', async () => {
    await app.followLink('be=cpu&e=6&pa=0&m=hashing');
    await app.waitForStep(20);
    await app.dragSlider('budget-slider', 60, 4);
    await expect.poll(() => app.page.getByText('cannot change its size').count()).toBeGreaterThan(0);
  });

  test('lets the data choose the dims, which are then drawn', async () => {
    await app.followLink('be=cpu&e=6&pa=0');
    await app.waitForStep(20);
    const actual = async (): Promise<number> =>
      Number(await app.byTestId('actual').getAttribute('data-actual'));
    const byPopularity = await actual();
    await app.byTestId('let-data-choose').click();
    await expect.poll(actual, { timeout: 60_000 }).not.toBe(byPopularity);
    expect(await actual()).toBeLessThanOrEqual(
      Number(await app.byTestId('actual').getAttribute('data-asked')),
    );
    expect(await app.byTestId('alpha-slider').getByRole('slider').isDisabled()).toBe(true);
    await app.byTestId('let-data-choose').click();
    await expect.poll(actual).toBe(byPopularity);
    expect(app.problems).toEqual([]);
  });
});
