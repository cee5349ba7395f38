import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Dataset } from '../../../../src/data/dataset.ts';
import { fingerprintOf, fingerprintOfPages } from '../../../../src/data/fingerprint.ts';
import { openStored, readHeader } from '../../../../src/data/stored/datasetFile.ts';
import { DatasetWriter, packedPages, writeDataset } from '../../../../src/data/stored/datasetWriter.ts';
import { allocateExamples, readerOf } from '../../../../src/data/stored/exampleReader.ts';
import { checksumOf, PAGE_EXAMPLES } from '../../../../src/data/stored/examplePages.ts';
import { NodeStorage } from '../../../../src/data/stored/nodeStorage.ts';
import { rowLayoutOf } from '../../../../src/data/stored/rowLayout.ts';
import type { DatasetStorage } from '../../../../src/data/stored/storage.ts';
import { MemoryFiles } from '../../../support/memoryFiles.ts';
import { tinyDataset } from '../../training/tinyDataset.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dimmer-stored-'));
  folders.push(folder);
  return folder;
}

const withNames = (dataset: Dataset): Dataset => ({
  ...dataset,
  fields: dataset.fields.map((field) => ({
    ...field,
    names: {
      bytes: new TextEncoder().encode('x'.repeat(field.cardinality)),
      ends: Uint32Array.from({ length: field.cardinality }, (_, id) => id + 1),
    },
  })),
});

const identified = async (dataset: Dataset) => ({ ...dataset, fingerprint: await fingerprintOf(dataset) });

async function store(storage: DatasetStorage, dataset: Dataset) {
  await writeDataset(await storage.create('one'), await identified(dataset), { note: 'a note' });
  return openStored(storage, 'one');
}

describe.each([
  ['memory', () => new MemoryFiles()],
  ['a folder', () => new NodeStorage(newFolder())],
])('in %s', (_, newStorage) => {
  test.each([
    ['click', 600],
    ['rating', 9000],
    ['click', 4096],
  ] as const)('a data set of %ss with %d examples is what was stored', async (task, examples) => {
    const dataset = withNames(tinyDataset(task, examples));
    const stored = await store(newStorage(), dataset);
    const { fields, splits, report, labelMean } = stored;
    expect({ fields, splits, report, labelMean }).toEqual({
      fields: dataset.fields,
      splits: dataset.splits,
      report: dataset.report,
      labelMean: dataset.labelMean,
    });
    const read = allocateExamples(stored, examples);
    readerOf(stored).read(0, examples, read);
    const { ids, numbers, labels } = dataset;
    expect(read).toEqual({ ids, numbers, labels });
    stored.close();
  });

  test('examples of the pages held, and any single ones, are those of the data set in memory', async () => {
    const dataset = tinyDataset('click', 9000);
    const stored = await store(newStorage(), dataset);
    const some = Uint32Array.of(8999, 4096, 8192, 5000, 4097);
    const [wanted, held, picked] = [0, 1, 2].map(() => allocateExamples(dataset, some.length));
    readerOf(dataset).gather(some, wanted);
    const reader = readerOf(stored);
    reader.hold(Uint32Array.of(2, 1));
    reader.gather(some, held);
    expect(held).toEqual(wanted);
    reader.pick(some, picked);
    expect(picked).toEqual(wanted);
    expect(() => reader.gather(Uint32Array.of(0), held)).toThrow('must be held');
    stored.close();
  });

  test('a file that is kept is listed, and one that is discarded is not', async () => {
    const storage = newStorage();
    (await store(storage, tinyDataset('click'))).close();
    await (await storage.create('two')).discard();
    expect((await storage.list()).map(({ name }) => name)).toEqual(['one']);
    await storage.remove('one');
    expect(await storage.list()).toEqual([]);
    await expect(openStored(storage, 'one')).rejects.toThrow('not there any more');
  });
});

test('the fingerprint is that of the rows, wherever they lie', async () => {
  const dataset = tinyDataset('click', 5000);
  expect(await fingerprintOf(dataset)).toBe(await fingerprintOfPages(dataset, packedPages(dataset)));
  const storage = new MemoryFiles();
  const stored = await store(storage, dataset);
  expect(stored.fingerprint).toBe(await fingerprintOf(dataset));
  const label = dataset.labels.slice();
  label[4999] = 1 - label[4999];
  expect(await fingerprintOf({ ...dataset, labels: label })).not.toBe(stored.fingerprint);
});

test('rows may be written in any order, and be read back before the file is kept', async () => {
  const storage = new MemoryFiles();
  const { ids: _, numbers: __, labels: ___, ...info } = await identified(tinyDataset('click', 9000));
  const pages: Uint32Array[] = [];
  for (const page of packedPages(tinyDataset('click', 9000))) pages.push(page.slice());
  const writer = new DatasetWriter(await storage.create('one'), rowLayoutOf(info), 9000);
  for (const page of [2, 0, 1]) writer.write(page * PAGE_EXAMPLES, pages[page]);
  const checksums: number[] = [];
  for (const page of writer.pages()) checksums.push(checksumOf(page));
  await writer.finish(info, Uint32Array.from(checksums));
  const written = storage.kept.get('one');
  await writeDataset(await storage.create('two'), await identified(tinyDataset('click', 9000)));
  expect(written).toEqual(storage.kept.get('two'));
});

test('the header alone says what a file holds', async () => {
  const storage = new MemoryFiles();
  await store(storage, tinyDataset('click'));
  const { info, note } = await readHeader((await storage.blob('one'))!, 'one');
  expect(info).toMatchObject({ name: 'tiny click', examples: 600 });
  expect(note).toBe('a note');
});

/** Opens a file and reads all of it. */
async function readWhole(storage: DatasetStorage): Promise<void> {
  const stored = await openStored(storage, 'one');
  readerOf(stored).read(0, stored.examples, allocateExamples(stored, stored.examples));
}

test('a file in which any byte is another one, or which ends early, is refused by name', async () => {
  const storage = new MemoryFiles();
  await store(storage, withNames(tinyDataset('click', 40)));
  const whole = storage.kept.get('one')!;
  for (let at = 0; at < whole.length; at++) {
    // Of the prologue a few bytes are no one's.
    if ((at >= 13 && at < 16) || (at >= 32 && at < 64)) continue;
    const torn = whole.slice();
    torn[at] ^= 1 << (at % 8);
    storage.kept.set('one', torn);
    await expect(readWhole(storage)).rejects.toThrow(/^one: /);
  }
  for (let length = 0; length < whole.length; length += 7) {
    storage.kept.set('one', whole.slice(0, length));
    await expect(readWhole(storage)).rejects.toThrow(/^one: /);
  }
});

test('where there is no room nothing is kept', async () => {
  const storage = new MemoryFiles(1000);
  const dataset = await identified(tinyDataset('click'));
  await expect(writeDataset(await storage.create('one'), dataset)).rejects.toThrow('no room left');
  expect(storage.kept.size).toBe(0);
  expect(storage.opened).toBe(0);
});

test('what a process that is gone has left unfinished is swept, and what another one writes is not', async () => {
  const folder = newFolder();
  const storage = new NodeStorage(folder);
  const own = await storage.create('one');
  const { writeFileSync, readdirSync } = await import('node:fs');
  writeFileSync(join(folder, 'one.part-999999999-0'), 'torn');
  await storage.sweep();
  expect(readdirSync(folder)).toEqual([`one.part-${process.pid}-0`]);
  await own.discard();
});
