import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';
import { avazuFile, brokenFiles } from './files.ts';
import { readRedraws, watchRedraws } from './redraws.ts';

const nameOf = (alpha: number): string => `α ${alpha.toFixed(2)}`;

/** One session of one person, in order: what a step leaves is where the next one starts. */
describe('a session with one’s own click log', () => {
  let browser: Browser;
  let app: AppPage;
  let finished: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'));
    await app.waitForStep(1);
  });

  afterAll(() => browser?.close());

  test('a software adapter leaves training to the CPU, and the page says why', async () => {
    await expect.poll(() => app.byTestId('backend-badge').innerText()).toMatch(/CPU/i);
    await expect.poll(() => app.page.locator('body').innerText()).toMatch(/software/i);
  });

  test('5,000 lines of Avazu dropped on the page load and train', async () => {
    const file = avazuFile();
    await app.drop(file);
    await expect.poll(() => app.datasetName(), { timeout: 20_000 }).toContain(file.name);
    await app.waitForStep(1);
  });

  test('dragging α moves the bars under the hand, and a run starts on release', async () => {
    const before = await app.alpha();
    await watchRedraws(app);
    let alphaInHand = before;
    let redrawsInHand = 0;
    await app.dragSlider('alpha-slider', 120, 12, async () => {
      alphaInHand = await app.alpha();
      redrawsInHand = (await readRedraws(app)).length;
    });
    expect(alphaInHand).not.toBe(before);
    expect(redrawsInHand).toBeGreaterThan(5);
    await expect.poll(() => app.trainingRun(), { timeout: 10_000 }).toContain(nameOf(alphaInHand));
  });

  test('the finished run is a point on accuracy against parameters and a line of the runs list', async () => {
    const name = nameOf(await app.alpha());
    await expect
      .poll(async () => (await app.runs()).map((run) => run.name), { timeout: 90_000 })
      .toContainEqual(expect.stringContaining(name));
    finished = (await app.runs()).find((run) => run.name.includes(name))!.id;
    await expect.poll(() => app.pointIds()).toContain(finished);
  });

  test('reloading the page keeps the runs list, for whenever that data is dropped again', async () => {
    await app.page.reload();
    await app.waitForStep(1);
    await app.drop(avazuFile());
    await expect
      .poll(async () => (await app.runs()).map(({ id }) => id), { timeout: 20_000 })
      .toContain(finished);
    await expect.poll(() => app.pointIds()).toContain(finished);
    await app.waitForStep(1);
  });

  for (const file of brokenFiles())
    test(`${file.name} dropped on the page gives a message that names it, and nothing is lost`, async () => {
      const dataset = await app.datasetName();
      const runs = await app.runs();
      await app.drop(file);
      const message = await app.readNotice(file.name);
      console.log(`${file.name}: ${message.replaceAll('\n', ' ')}`);
      expect(message.length).toBeGreaterThan(file.name.length + 30);
      expect(await app.datasetName()).toBe(dataset);
      expect(await app.runs()).toEqual(expect.arrayContaining([...runs]));
      expect(await app.step()).toBeGreaterThan(0);
      await app.dismissNotices();
    });

  test('axe finds no accessibility problem on a page with runs, points and a message', async () => {
    const [file] = brokenFiles();
    await app.drop(file);
    await app.readNotice(file.name);
    expect(await app.findAccessibilityProblems()).toEqual([]);
  });

  test('one click trains the uniform baseline at the same budget', async () => {
    await app.byTestId('baseline').click();
    await expect
      .poll(async () => (await app.runs()).map((run) => run.name), { timeout: 90_000 })
      .toContainEqual(expect.stringContaining('Uniform'));
  });

  test('nothing in the whole session left the page’s own origin', () => {
    expect(app.requests.length).toBeGreaterThan(3);
    expect(app.foreignRequests()).toEqual([]);
  });

  test('nothing in the whole session was an error', () => {
    expect(app.problems).toEqual([]);
  });
});
