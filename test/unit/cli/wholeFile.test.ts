import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markPath } from '../../../src/cli/processMarks.ts';
import { UsageError, WriteError } from '../../../src/cli/usage.ts';
import { tryWholeWrite, writeWhole } from '../../../src/cli/wholeFile.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeWhole', () => {
  test('replaces a file by the pieces in their order, empty ones too, and leaves nothing else', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, async (each) => {
        const size = await writeWhole(at('file'), each);
        expect(readFileSync(at('file'))).toEqual(Buffer.concat(each));
        expect(size).toBe(statSync(at('file')).size);
        expect(readdirSync(folder)).toEqual(['file']);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test('keeps who may read the file, and a link a link', async () => {
    writeFileSync(at('file'), 'earlier');
    chmodSync(at('file'), 0o640);
    symlinkSync('file', at('link'));
    await writeWhole(at('link'), [Buffer.from('new')]);
    expect(readFileSync(at('file'), 'utf8')).toBe('new');
    expect(statSync(at('file')).mode & 0o777).toBe(0o640);
    expect(readlinkSync(at('link'))).toBe('file');
  });

  test('leaves the earlier file as it was when it fails, and no temporary one', async () => {
    mkdirSync(at('file'));
    writeFileSync(at('file/inside'), 'earlier');
    await expect(writeWhole(at('file'), [Buffer.from('new')])).rejects.toThrow(WriteError);
    expect(readFileSync(at('file/inside'), 'utf8')).toBe('earlier');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('says in words why a file cannot be written', async () => {
    writeFileSync(at('file'), 'earlier');
    const cases = [
      [at('nowhere/file'), 'there is no folder'],
      [at('file/file'), 'there is no folder'],
      [at('x'.repeat(300)), 'the name is too long'],
      ['/sys/kernel/file', 'you have no permission'],
    ];
    for (const [path, reason] of cases) {
      const error: unknown = await writeWhole(path, [Buffer.from('new')]).catch((each: unknown) => each);
      expect(error).toBeInstanceOf(WriteError);
      expect((error as WriteError).message).toContain(reason);
      expect((error as WriteError).message).toContain(path);
    }
  });
});

describe('tryWholeWrite', () => {
  test('leaves what is there, and nothing where nothing was', async () => {
    await tryWholeWrite(at('file'), '--save');
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(at('file'), 'earlier');
    await tryWholeWrite(at('file'), '--save');
    expect(readdirSync(folder)).toEqual(['file']);
    expect(readFileSync(at('file'), 'utf8')).toBe('earlier');
  });

  test('refuses what could not be replaced, by the name of the flag', async () => {
    const cases = [
      [folder, 'is not a file'],
      ['/dev/null', 'is not a file'],
      [at('nowhere/file'), 'there is no folder'],
      ['/sys/kernel/file', 'you have no permission'],
    ];
    for (const [path, reason] of cases) {
      const error: unknown = await tryWholeWrite(path, '--save').catch((each: unknown) => each);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).message).toContain(reason);
      expect((error as UsageError).remedy).toContain('--save');
    }
  });

  test('sweeps what a killed process has left, and nothing of one that lives', async () => {
    const own = markPath(at('file'), 'part');
    const [, host] = /-\d+-([\w.]+)$/.exec(own)!;
    const dead = [`${at('file')}.part-999999999-1-${host}`, `${at('file')}.part-${process.pid}-1-${host}`];
    const alive = [`${at('file')}.part-${process.ppid}-0-${host}`, `${at('file')}.part-9-9-another.machine`];
    for (const path of [...dead, ...alive]) writeFileSync(path, '');
    await tryWholeWrite(at('file'), '--save');
    expect(readdirSync(folder).map(at).toSorted()).toEqual(alive.toSorted());
  });
});
