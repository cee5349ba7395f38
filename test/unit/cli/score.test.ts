import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleDimmer } from '../../support/bundleDimmer.ts';
import { dimmer } from '../../support/dimmer.ts';
import { startDimmer } from '../../support/processes.ts';

let folder = '';
const at = (name: string) => join(folder, name);
const roles = ['--roles', 'label,number,category,category'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  const lines = Array.from({ length: 900 }, (_, i) => {
    const [user, item] = [(i * i) % 31, (i * 7) % 17];
    return `${Number((user + item) % 3 === 0)},${(i % 50) / 4},nutzer ${user},größe ${item}`;
  });
  writeFileSync(at('log.csv'), `label,price,user,item\n${lines.join('\n')}\n`);
  const settings = ['--method', 'mixed-dimension', '--budget', '500', '--epochs', '1', '--batch', '64'];
  const { code } = await dimmer([
    'train',
    '--data',
    at('log.csv'),
    ...roles,
    ...settings,
    '--save',
    at('model'),
  ]);
  expect(code).toBe(0);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const score = (...flags: string[]) =>
  dimmer(['score', '--model', at('model'), '--data', at('log.csv'), ...flags]);

test('writes a line for every line, as CSV and as Parquet, with the same numbers', async () => {
  const { code, stdout } = await score('--out', at('scores.csv'));
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ linesRead: 900, scored: 900, refused: [], labelled: 900, measured: 900 });
  expect(report.metrics.auc).toBeGreaterThan(0.5);
  const [header, ...lines] = readFileSync(at('scores.csv'), 'utf8').trimEnd().split('\n');
  expect(header).toBe('line,probability,logit,label,unseen');
  expect(lines).toHaveLength(900);
  await score('--out', at('scores.parquet'));
  const bytes = readFileSync(at('scores.parquet'));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const rows = await parquetReadObjects({ file });
  expect(rows.map((row) => Object.values(row).join())).toEqual(lines);
});

test('another process writes the same bytes', async () => {
  await score('--out', at('here.csv'));
  const program = await bundleDimmer(at('program'));
  const args = ['score', '--model', at('model'), '--data', at('log.csv'), '--out', at('there.csv')];
  expect((await startDimmer(program, args).ended).code).toBe(0);
  expect(readFileSync(at('there.csv'), 'utf8')).toBe(readFileSync(at('here.csv'), 'utf8'));
});

test('says what is missing, and leaves an earlier file as it was where scoring fails', async () => {
  expect(await dimmer(['score', '--data', at('log.csv'), '--out', at('x')])).toMatchObject({
    code: 2,
    stderr: '--model is missing.\nGive a file that train --save wrote.\n',
  });
  writeFileSync(at('kept.csv'), 'earlier');
  writeFileSync(at('other.csv'), 'label,user\n1,a\n0,b\n');
  const { code, stderr } = await dimmer([
    'score',
    '--model',
    at('model'),
    '--data',
    at('other.csv'),
    '--out',
    at('kept.csv'),
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain('“price”, “item”');
  expect(readFileSync(at('kept.csv'), 'utf8')).toBe('earlier');
});
