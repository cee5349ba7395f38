import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataSource } from '../../../src/cli/openFiles.ts';
import { inspect, load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { lines } from '../data/sources.ts';

const header = 'click,user,item\n';
const rows = (from: number, count: number) =>
  lines(count, (i) => `${(from + i) % 2},u${(from + i) % 7},i${(from + i) % 11}`);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  mkdirSync(join(folder, 'log', 'day=1'), { recursive: true });
  mkdirSync(join(folder, 'log', 'day=2'));
  writeFileSync(join(folder, 'log', '_SUCCESS'), '');
  writeFileSync(join(folder, 'log', 'day=2', 'part-0.csv'), header + rows(150, 50));
  writeFileSync(join(folder, 'log', 'day=1', 'part-10.csv'), header + rows(100, 50));
  writeFileSync(join(folder, 'log', 'day=1', 'part-9.csv'), header + rows(0, 100));
  writeFileSync(join(folder, 'whole.csv'), header + rows(0, 200));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function datasetOf(...paths: string[]) {
  const source = await openDataSource(paths.map((path) => join(folder, path)));
  const { examples, ids, labels, name } = await load(source, { ...defaultLoadOptions, minCount: 1 });
  return { name, examples, ids: [...ids], labels: [...labels] };
}

describe('files after --data', () => {
  test('a folder, its files named, and a pattern are the same data set as the whole', async () => {
    const { name: _, ...whole } = await datasetOf('whole.csv');
    expect(whole.examples).toBe(200);
    expect(await datasetOf('log')).toEqual({ name: 'log', ...whole });
    const named = await datasetOf('log/day=2/part-0.csv', 'log/day=1/part-10.csv', 'log/day=1/part-9.csv');
    expect(named.examples).toBe(200);
    const pattern = await datasetOf('log/day=1/part-*.csv', 'log/day=2');
    expect(pattern).toMatchObject(whole);
  });

  test('say which files are read', async () => {
    const { contents } = await inspect(await openDataSource([join(folder, 'log/')]));
    expect(contents.files[0]).toBe('day=1/part-9.csv');
  });

  test('that are not there', async () => {
    await expect(openDataSource([join(folder, 'none.csv')])).rejects.toThrow('There is no file');
    await expect(openDataSource([join(folder, 'none-*.csv')])).rejects.toThrow('No file is named');
    mkdirSync(join(folder, 'empty'));
    await expect(openDataSource([join(folder, 'empty')])).rejects.toThrow('there is no file in it');
  });
});
