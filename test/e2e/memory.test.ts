import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AppPage, launchBrowser } from './driver.ts';

const units: Readonly<Record<string, number>> = { B: 1e-6, kB: 1e-3, MB: 1 };

/** The first amount in a text, in MB. */
function megabytes(text: string): number {
  const [, number, unit] = /([\d.]+) (B|kB|MB)/.exec(text) ?? [];
  return Number(number) * units[unit];
}

/** One person, in order: what training takes is seen before it runs, capped, and drawn. */
describe('training memory', () => {
  let browser: Browser;
  let app: AppPage;
  let limit: number;

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await AppPage.open(browser, inject('appUrl'), { hash: 'e=1&k=8' });
    await app.waitForStep(1);
  });
  afterAll(() => browser?.close());

  const total = (): Promise<string> => app.byTestId('memory-total').innerText();
  const optionOf = (lever: string, name: RegExp): Promise<string> =>
    app.byTestId(`memory-${lever}`).locator('option').filter({ hasText: name }).first().innerText();

  test('of every choice is shown before it is taken', async () => {
    await expect.poll(() => optionOf('batch', /^32 /), { timeout: 20_000 }).toMatch(/kB|MB/);
    expect(megabytes(await optionOf('batch', /^32 /))).toBeLessThan(megabytes(await total()));
    const bits = await Promise.all(
      [/^4 /, /^8 /, /^32, exact /].map((name) => optionOf('activationBits', name)),
    );
    const [four, eight, exact] = bits.map(megabytes);
    expect(four).toBeLessThan(eight);
    expect(eight).toBeLessThan(exact);
  });

  test('is what the choice then takes', async () => {
    const told = megabytes(await optionOf('activationBits', /^8 /));
    await app.byTestId('memory-activationBits').selectOption('8');
    await expect.poll(async () => megabytes(await total())).toBe(told);
    await expect.poll(() => app.byTestId('memory-layers').innerText()).toContain('Activations of 8 bits: ');
  });

  test('survives a reload and can be undone, and what rank 4 keeps of gradients is drawn', async () => {
    await expect.poll(() => app.page.url()).toContain('ab=8');
    await app.page.reload();
    await app.waitForStep(1);
    expect(await app.byTestId('memory-activationBits').inputValue()).toBe('8');
    await app.byTestId('memory-activationBits').selectOption('auto');
    await app.byTestId('memory-gradientRank').selectOption('4');
    await app.page.getByLabel('Show memory').selectOption('gradients');
    await expect.poll(() => app.byTestId('gradient-spectra').innerText()).toMatch(/top\.0[^]*\d %/);
    await app.page.getByLabel('Show memory').selectOption('uses');
    await app.page.keyboard.press('Control+z');
    await expect.poll(() => app.byTestId('memory-gradientRank').inputValue()).toBe('auto');
    await expect.poll(total).not.toContain('%');
  });

  test('fits into a limit, and the page says what gave way: bits first', async () => {
    limit = Number((0.97 * megabytes(await total())).toPrecision(3));
    await app.byTestId('memory-limit').fill(`${limit} MB`);
    await app.page.getByRole('button', { name: 'Fit', exact: true }).click();
    await expect
      .poll(() => app.byTestId('memory-fitted').innerText())
      .toMatch(/Fits with activation bits (16|8|4) instead of 32.*uploaded/);
    expect(megabytes(await total())).toBeLessThanOrEqual(limit);
  });

  test('of the run that follows is within the limit, and its point stands there', async () => {
    await app.waitForRuns(1);
    const row = app.byTestId('run-row').filter({ hasText: `in ${limit} MB` });
    const memory = megabytes((await row.innerText()).replaceAll(/.*in [\d.]+ MB/g, ''));
    expect(memory).toBeLessThanOrEqual(limit);
    await app.byTestId('size').selectOption('training-memory');
    const id = (await row.getAttribute('data-run'))!;
    await expect.poll(() => app.pointIds()).toContain(id);
    const label = await app.byTestId('accuracy-chart').getByRole('img').first().getAttribute('aria-label');
    expect(label).toContain('bytes that training took');
    expect(app.problems).toEqual([]);
  });

  test('that nothing fits into is said with the least there is', async () => {
    await app.byTestId('memory-limit').fill('1 kB');
    await app.page.keyboard.press('Enter');
    const panel = app.page.getByRole('group', { name: 'Training memory' });
    await expect
      .poll(() => panel.getByRole('alert').innerText())
      .toMatch(/does not fit into 0.001 MB .* the least it takes is [\d.]+ MB/);
  });
});
