import { appendFileSync, mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspect, load } from '../../../src/data/load.ts';
import { type DataSource, defaultLoadOptions } from '../../../src/data/source.ts';
import { criteoLine, errorOf, lines } from './sources.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lost-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function writtenSource(name: string): Promise<{ readonly path: string; readonly source: DataSource }> {
  const path = join(folder, name);
  writeFileSync(path, lines(20_000, criteoLine));
  return { path, source: Object.assign(await openAsBlob(path), { name }) };
}

describe('a file that is not what it was is told by name, with what to do', () => {
  test('changed while it is read', async () => {
    const { path, source } = await writtenSource('changed.tsv');
    let changed = false;
    const loading = load(source, defaultLoadOptions, () => {
      if (!changed) appendFileSync(path, criteoLine(1));
      changed = true;
    });
    const error = await errorOf(loading);
    expect(error.message).toBe(
      'changed.tsv: it was changed, moved or removed while it was read, or it may not be read.',
    );
    expect(error.remedy).toMatch(/again/);
  });

  test('changed before it is looked at', async () => {
    const { path, source } = await writtenSource('written.tsv');
    appendFileSync(path, criteoLine(1));
    expect((await errorOf(inspect(source))).message).toMatch(/^written\.tsv: it was changed/);
  });

  test('removed before it is read', async () => {
    const { path, source } = await writtenSource('removed.tsv');
    rmSync(path);
    expect((await errorOf(load(source, defaultLoadOptions))).message).toMatch(
      /^removed\.tsv: it was changed/,
    );
  });
});
