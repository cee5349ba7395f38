import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Download } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bundleDimmer } from '../support/bundleDimmer.ts';
import { startDimmer } from '../support/processes.ts';
import { AppPage, launchBrowser } from './driver.ts';

const lines = Array.from({ length: 1200 }, (_, i) => {
  const [user, item] = [(i * i) % 31, (i * 7) % 17];
  return `${Number((user + item) % 3 === 0)},${(i % 50) / 4},nutzer ${user},größe ${item}`;
});
const log = `label,price,user,item\n${lines.join('\n')}\n`;

let browser: Browser;
let app: AppPage;
let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  writeFileSync(at('log.csv'), log);
  browser = await launchBrowser();
  app = await AppPage.open(browser, inject('appUrl'), { hash: 'be=cpu&m=full&e=1' });
  await app.waitForStep(1);
  await app.drop({ name: 'log.csv', content: log });
  await app.byTestId('preview-load').click();
  await app.byTestId('dataset-menu').filter({ hasText: 'log.csv' }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Chooses a file where a button opens the picker. */
async function choose(testId: string, path: string): Promise<void> {
  const [chooser] = await Promise.all([app.page.waitForEvent('filechooser'), app.byTestId(testId).click()]);
  await chooser.setFiles(path);
}

async function saved(testId: string): Promise<Buffer> {
  const [download]: [Download, unknown] = await Promise.all([
    app.page.waitForEvent('download'),
    app.byTestId(testId).click(),
  ]);
  return readFile(await download.path());
}

async function score(): Promise<string> {
  await app.byTestId('score-start').click();
  await expect.poll(() => app.byTestId('scored').textContent(), { timeout: 20_000 }).toContain('1,200 lines');
  return String(await saved('score-download'));
}

test('the page and the command line score a file with a downloaded model alike, bit for bit', async () => {
  const button = app.byTestId('run-row').first().getByTestId('model');
  await expect.poll(() => button.isEnabled(), { timeout: 60_000 }).toBe(true);
  await button.click();
  writeFileSync(at('model.safetensors'), await saved('model-download'));
  await app.byTestId('model-score').click();
  await choose('score-data', at('log.csv'));
  const ofRun = await score();
  expect(ofRun.split('\n')).toHaveLength(1202);
  expect(await app.findAccessibilityProblems()).toEqual([]);
  await app.page.keyboard.press('Escape');

  await app.page.keyboard.press('p');
  await choose('score-model', at('model.safetensors'));
  await choose('score-data', at('log.csv'));
  expect(await score()).toBe(ofRun);

  const flags = ['--model', at('model.safetensors'), '--data', at('log.csv'), '--out', at('scores.csv')];
  const program = await bundleDimmer(at('program'));
  expect((await startDimmer(program, ['score', ...flags]).ended).code).toBe(0);
  expect(String(await readFile(at('scores.csv')))).toBe(ofRun);
  expect(app.problems).toEqual([]);
  expect(app.foreignRequests()).toEqual([]);
});
