import { describe, expect, test } from 'vitest';
import { joinFiles, readDrop } from '../../../src/app/data/readDrop.ts';
import { load } from '../../../src/data/load.ts';
import { defaultLoadOptions, openFileSet } from '../../../src/data/source.ts';
import { lines } from '../data/sources.ts';

const part = (name: string, from: number) =>
  new File([`click,user,item\n${lines(60, (i) => `${(from + i) % 2},u${i % 7},i${i % 11}`)}`], name);

/** Entries as the browser hands them out: of a folder at most two at a time. */
function fileEntry(file: File, fullPath: string): FileSystemEntry {
  return {
    isFile: true,
    isDirectory: false,
    name: file.name,
    fullPath,
    file: (done: (file: File) => void) => done(file),
  } as unknown as FileSystemEntry;
}

function folderEntry(fullPath: string, children: readonly FileSystemEntry[]): FileSystemEntry {
  const left = [...children];
  return {
    isFile: false,
    isDirectory: true,
    name: fullPath.split('/').at(-1),
    fullPath,
    createReader: () => ({
      readEntries: (done: (entries: FileSystemEntry[]) => void) => done(left.splice(0, 2)),
    }),
  } as unknown as FileSystemEntry;
}

function transferOf(files: readonly File[], entries: readonly (FileSystemEntry | null)[]): DataTransfer {
  return {
    files,
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
  } as unknown as DataTransfer;
}

describe('what is dropped', () => {
  test('one file stays a file', async () => {
    const file = part('log.csv', 0);
    expect(await readDrop(transferOf([file], [fileEntry(file, '/log.csv'), null]))).toBe(file);
    expect(await readDrop(transferOf([], []))).toBeNull();
  });

  test('several files are parts that were chosen', () => {
    expect(joinFiles([part('a.csv', 0), part('b.csv', 1)])).toMatchObject({
      name: 'a.csv and 1 more',
      chosen: true,
      files: [{ path: 'a.csv' }, { path: 'b.csv' }],
    });
  });

  test('a folder is walked, and is one data set', async () => {
    const entry = folderEntry('/log', [
      folderEntry('/log/day=2', [fileEntry(part('part-0.csv', 1), '/log/day=2/part-0.csv')]),
      fileEntry(new File([''], '_SUCCESS'), '/log/_SUCCESS'),
      folderEntry('/log/day=1', [fileEntry(part('part-0.csv', 0), '/log/day=1/part-0.csv')]),
    ]);
    const dropped = await readDrop(transferOf([new File([], 'log')], [entry]));
    expect(dropped).toMatchObject({ name: 'log', chosen: false });
    const dataset = await load(openFileSet(dropped!), defaultLoadOptions);
    expect(dataset.report.linesRead).toBe(120);
    expect(dataset.name).toBe('log');
  });
});
