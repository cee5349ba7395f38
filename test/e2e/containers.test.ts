import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { containerBytes } from '../unit/data/containers/reading.ts';
import { AppPage, launchBrowser } from './driver.ts';

let browser: Browser;
let app: AppPage;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await AppPage.open(browser, inject('appUrl'));
  await app.waitForStep(1);
});
afterAll(() => browser?.close());

// Each needs another library, which the loader imports in its worker, under the page's Content Security Policy.
test.each([
  ['members.csv.gz', /KB|kB/],
  ['zip64.zip', /from zip64\.zip › rows\.csv/],
  ['criteo.tar.gz', /from criteo\.tar\.gz › train\.txt[^]*test\.txt is left out/],
  ['long27.csv.zst', /kB/],
  ['pyarrow.snappy.parquet', /Parquet/],
  ['polars.zstd.parquet', /Parquet/],
  ['rows.jsonl.gz', /JSON/],
  ['latin1.csv.gz', /read as windows-1252/],
])('%s dropped on the page is the same table', async (name, said) => {
  await app.drop({ name, content: containerBytes(name) });
  const dialog = app.page.getByRole('dialog');
  await expect.poll(() => dialog.innerText(), { timeout: 20_000 }).toMatch(said);
  expect(await dialog.getByRole('combobox', { name: /^Role of/ }).count()).toBe(10);
  expect(await dialog.innerText()).toContain('Zürich');
  await app.byTestId('preview-load').click();
  await expect.poll(() => app.datasetName(), { timeout: 20_000 }).toContain(name);
  expect(app.problems).toEqual([]);
  expect(app.foreignRequests()).toEqual([]);
});
