import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

const everybody = /Dimmer, WebGPU|Dimmer, CPU|TensorFlow|jax-js/;

describe('the benchmark page', () => {
  let browser: Browser;
  let app: AppPage;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    app = await AppPage.open(browser, inject('appUrl'), { hash: 'benchmark' });
    await app.page.getByRole('heading', { name: 'Benchmark' }).waitFor();
  });
  afterEach(() => app?.close());

  /** Leaves only these libraries ticked. */
  async function choose(cases: string, ...libraries: readonly string[]): Promise<void> {
    await app.page.getByRole('combobox').selectOption({ label: cases });
    for (const box of await app.page.getByLabel(everybody).all()) {
      const name = await box.evaluate((input) => (input as HTMLInputElement).labels![0].innerText.trim());
      await box.setChecked(libraries.includes(name));
    }
  }

  const start = () => app.page.getByRole('button', { name: 'Start' }).click();
  const rows = () => app.byTestId('benchmark-result');

  test('times this engine and a peer, agrees with it, and copies the table', async () => {
    await app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await choose('One small model', 'Dimmer, WebGPU', 'Dimmer, CPU', 'jax-js, WebAssembly');
    await start();
    await app.page
      .getByText(/^small, .*: (loading|comparing losses|counting dispatches|measuring)$/)
      .waitFor();
    await app.page.getByText('1 of 1 cases').waitFor({ timeout: 90_000 });
    expect(await rows().count()).toBe(3);
    for (const row of await rows().allInnerTexts()) expect(row).toMatch(/\d – \d.*\bagree \(/s);
    expect(await app.page.getByRole('heading', { name: /GPU time per kernel/ }).count()).toBe(1);

    await app.page.getByRole('button', { name: 'Copy table' }).click();
    await app.page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await app.page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^\S.*\n\n\| case \| library \|/);
    expect(copied.match(/^\| small \|.*\| \d[\d.]* \|$/gm), 'each with its GFLOP/s').toHaveLength(3);

    expect(await app.findAccessibilityProblems()).toEqual([]);
    expect(app.foreignRequests()).toEqual([]);
    expect(app.problems).toEqual([]);
  });

  test('stops at once when told to, and can be started again', async () => {
    await choose('Quick: a few small cases', 'Dimmer, CPU');
    await start();
    await app.page.getByText(/Dimmer, CPU: /).waitFor();
    await app.page.getByRole('button', { name: 'Stop' }).click();
    await app.page.getByText(/of \d+ cases, stopped/).waitFor({ timeout: 2000 });
    await choose('One small model', 'Dimmer, CPU');
    await start();
    await app.page.getByText('1 of 1 cases').waitFor({ timeout: 60_000 });
    expect(await rows().count()).toBe(1);
    expect(app.problems).toEqual([]);
  });

  test('says which cases have no result when its worker cannot start', async () => {
    await app.context.route(/\/worker-[^/]*\.js$/, (route) => route.abort());
    await choose('One small model', 'Dimmer, CPU');
    await start();
    const alert = app.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/^small: .*worker/);
    expect(await app.findAccessibilityProblems()).toEqual([]);
    expect(await app.page.getByRole('button', { name: 'Start' }).isEnabled()).toBe(true);
  });

  test('is reached from the app’s address, and leads back to an app that trains', async () => {
    await app.page.getByRole('link', { name: 'Back to Dimmer' }).click();
    await app.waitForStep(1);
    await app.followLink('benchmark');
    await app.page.getByRole('heading', { name: 'Benchmark' }).waitFor();
    expect(app.problems).toEqual([]);
  });
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds no accessibility problem on the benchmark page before it is started, in ${colorScheme}`, async () => {
    const browser = await launchBrowser();
    try {
      const app = await AppPage.open(browser, inject('appUrl'), {
        hash: 'benchmark',
        width: 390,
        colorScheme,
      });
      await app.page.getByRole('heading', { name: 'Benchmark' }).waitFor();
      expect(await app.findAccessibilityProblems()).toEqual([]);
      expect((await app.findOverflow()).x).toBeLessThanOrEqual(0);
    } finally {
      await browser.close();
    }
  });
