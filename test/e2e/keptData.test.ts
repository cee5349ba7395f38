import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { clickLogLines } from '../support/clickLog.ts';
import { AppPage, launchBrowser } from './driver.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const log = { name: 'log.tsv', content: Buffer.concat([...clickLogLines(20_000, 1)]).toString() };

/** Opens the menu of data sets and what is listed there under this name. */
async function reopen(app: AppPage, name: string): Promise<void> {
  await app.byTestId('dataset-menu').click();
  await app.byTestId('kept').filter({ hasText: name }).click();
}

/** Resolves when the menu says that the data set is open. */
async function waitForData(app: AppPage, name: string): Promise<void> {
  await app.byTestId('dataset-menu').filter({ hasText: name }).waitFor({ timeout: 60_000 });
}

test('a file is loaded after a cancel, reopened after a reload, and its run goes on after the tab was closed', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=cpu&e=1' });
  await app.waitForStep(1);
  await app.drop(log);
  await app.byTestId('loading').getByRole('button', { name: 'Cancel' }).click();
  await app.byTestId('loading').waitFor({ state: 'detached' });
  await app.drop(log);
  await waitForData(app, 'log.tsv');
  await app.page.goto(`${inject('appUrl')}#be=cpu&e=50&pa=0`);
  await app.page.reload();
  await reopen(app, 'log.tsv');
  await waitForData(app, 'log.tsv');
  await app.waitForStep(5);
  // Checkpoints every second.
  for (const worker of app.page.workers())
    await worker.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => 15 * now();
    });
  const before = await app.step();
  await app.waitForStep(before + 100, 120_000);
  await app.page.close();

  const again = await AppPage.openIn(app.context, `${inject('appUrl')}#be=cpu&e=1`);
  const notice = again.byTestId('notice').filter({ hasText: 'was interrupted at step' });
  await notice.getByRole('button', { name: 'Reopen' }).click();
  await again.page
    .getByText(/goes on from step \d/)
    .first()
    .waitFor({ timeout: 30_000 });
  expect(await again.datasetName()).toContain('log.tsv');

  // Removed, it is no longer offered.
  await again.byTestId('dataset-menu').click();
  await again.page.getByRole('menuitem', { name: 'Kept data sets…' }).click();
  await again.page.getByRole('button', { name: 'Remove log.tsv' }).click();
  await again.byTestId('kept-list').getByText('log.tsv').waitFor({ state: 'detached' });
  await again.close();
});

test('where nothing can be stored, a file is loaded all the same, and it is said that it is not kept', async () => {
  const app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=cpu&e=1' });
  await app.waitForStep(1);
  // As in a private window.
  for (const worker of app.page.workers())
    await worker.evaluate(() => {
      navigator.storage.getDirectory = () =>
        Promise.reject(new DOMException('Storage is denied.', 'SecurityError'));
    });
  await app.drop(log);
  await waitForData(app, 'log.tsv');
  await app.byTestId('notice').filter({ hasText: 'will not be here after a reload' }).waitFor();
  await app.close();
});
