import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openContent } from '../../../../src/data/containers/content.ts';
import type { DataSource } from '../../../../src/data/containers/dataSource.ts';
import { defaultLimits } from '../../../../src/data/containers/limits.ts';
import { errorOf, sourceOf } from '../sources.ts';
import { containerBytes, fileOf, readContent, tornSource } from './reading.ts';
import { tarOf } from './writing.ts';

const table = 'click,user\n1,ann\n0,bob\n';
const gzip = (content: string | Uint8Array) => new Uint8Array(gzipSync(content));

describe('what is not read is named, with what to do', () => {
  test.each([
    ['movies.csv.bz2', /it is compressed with bzip2/, /bunzip2/],
    ['movies.csv.xz', /it is compressed with xz/, /unxz/],
    ['movies.7z', /it is a 7z archive/, /7z x/],
    ['workbook.xlsx', /Office document, such as an Excel workbook/, /CSV UTF-8/],
    ['encrypted.zip', /^encrypted\.zip › rows\.csv: it is encrypted/, /password/],
    ['sparse.tar', /“sparse\.csv” is stored as a sparse file/, /without tar --sparse/],
    ['sparse-pax.tar', /“sparse\.csv” is stored as a sparse file/, /without tar --sparse/],
    ['garbage.csv.gz', /something that is not gzip follows/, /gunzip/],
    ['cut.csv.gz', /the gzip file ends in the middle/, /cut off/],
    ['cut.csv.zst', /the zst file ends in the middle/, /cut off/],
    ['long31.csv.zst', /window of more than 128 MiB/, /--long=27/],
    [
      'several.zip',
      /several tables.*movies\.csv \(“movieId”, “title”\).*rows\.csv \(“click”, “user”/,
      /--entry NAME/,
    ],
  ])('%s', async (name, message, remedy) => {
    for (const open of [fileOf, tornSource]) {
      const error = await errorOf(readContent(open(containerBytes(name), name)));
      expect(error.message).toMatch(message);
      expect(error.remedy).toMatch(remedy);
    }
  });

  test.each([
    ['an old Excel workbook', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', /old Office document/],
    ['ORC', 'ORC\x0a\x0b', /an ORC file/],
    ['Avro', 'Obj\x01\x02', /an Avro file/],
    ['Arrow', 'ARROW1\0\0', /an Arrow \(Feather\) file/],
    ['PDF', '%PDF-1.7\n', /a PDF document/],
    ['a web page', '\n <!DOCTYPE html><html>', /a web page \(HTML\)/],
    ['XML', '<?xml version="1.0"?><a/>', /it is XML/],
    ['libsvm', '1 3:0.5 7:1\n0 1:2 3:1\n', /a libsvm file/],
    ['libffm', '1 0:3:1 1:7:0.5\n0 0:1:2 1:3:1\n', /a libffm file/],
    ['SQLite', 'SQLite format 3\0', /an SQLite database/],
  ])('%s', async (_, content, message) => {
    const bytes = Uint8Array.from(content, (character) => character.charCodeAt(0));
    expect((await errorOf(readContent(fileOf(bytes)))).message).toMatch(message);
    // Inside another container it is the same.
    expect((await errorOf(readContent(fileOf(gzip(bytes))))).message).toMatch(message);
  });

  test('an archive of nothing but such files says what they are', async () => {
    const one = tarOf({ 'a.pdf': '%PDF-1.7\n' });
    expect((await errorOf(readContent(fileOf(one, 'x.tar')))).message).toMatch(
      /^x\.tar › a\.pdf: it is a PDF/,
    );
    const two = tarOf({ 'a.pdf': '%PDF-1.7\n', 'b.orc': 'ORC', 'readme.md': 'a,b\n' });
    expect((await errorOf(readContent(fileOf(two, 'x.tar')))).message).toMatch(
      /no table: x\.tar › a\.pdf is a PDF document; x\.tar › b\.orc is an ORC file/,
    );
  });

  test('damaged bytes are found by their checksums', async () => {
    for (const name of ['gzip.csv.gz', 'info.zip', 'zstd.csv.zst']) {
      const bytes = containerBytes(name);
      bytes[2000] ^= 1;
      expect((await errorOf(readContent(fileOf(bytes)))).message).toMatch(/damaged/);
    }
  });
});

describe('containers in each other', () => {
  test('gzip in gzip, tar in gzip in tar, to the stated depth', async () => {
    let bytes = gzip(table);
    for (let depth = 1; depth < defaultLimits.depth; depth++) bytes = gzip(bytes);
    expect((await readContent(fileOf(bytes))).text).toBe(table);
    expect((await errorOf(readContent(fileOf(gzip(bytes))))).message).toMatch(
      /lies in 4 containers and is another one: 4 are the limit/,
    );
    const nested = tarOf({ 'inner.tar.gz': gzip(tarOf({ 'data.csv': table })) });
    expect(await readContent(fileOf(nested, 'outer.tar'))).toMatchObject({
      text: table,
      files: ['outer.tar › inner.tar.gz › data.csv'],
    });
  });

  test('Parquet and zip inside another container are held in memory, to a limit', async () => {
    const parquet = containerBytes('pyarrow.zstd.parquet');
    const rows = new TextDecoder().decode(containerBytes('rows.csv'));
    expect((await readContent(fileOf(gzip(parquet)))).text).toBe(rows);
    expect((await readContent(fileOf(gzip(containerBytes('info.zip'))))).text).toBe(rows);
    const limits = { ...defaultLimits, heldBytes: 1000 };
    const error = await errorOf(readContent(fileOf(gzip(parquet)), { limits }));
    expect(error.message).toMatch(/larger than 1000 bytes and lies inside another container/);
    // By itself it is read in slices.
    expect((await readContent(fileOf(parquet), { limits })).text).toBe(rows);
  });
});

describe('what is endless or too much stops at a limit that is told', () => {
  test('by ratio', async () => {
    const bomb = gzip('0,1\n'.repeat(2 ** 20 * 18));
    const error = await errorOf(readContent(fileOf(bomb)));
    expect(error.message).toMatch(/more than 64 MiB and more than 500 bytes for each of its own/);
    const limits = { ...defaultLimits, freeBytes: 2 ** 16, ratio: 50 };
    const lines = gzip(table.repeat(20_000));
    expect((await errorOf(readContent(fileOf(lines), { limits }))).message).toMatch(/more than 64 KiB/);
    expect(
      (await errorOf(readContent(fileOf(gzip(gzip(table.repeat(20_000)))), { limits }))).message,
    ).toMatch(/more than 64 KiB/);
  });

  test('by bytes, of all members together', async () => {
    const member = gzip(table.repeat(1000));
    const members = new Uint8Array(Buffer.concat(Array.from({ length: 20 }, () => member)));
    const limits = { ...defaultLimits, unpackedBytes: 2 ** 17 };
    expect((await errorOf(readContent(fileOf(members), { limits }))).message).toMatch(/more than 128 KiB/);
  });

  test('by the number of files', async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`part-${i}.csv`, table]));
    const limits = { ...defaultLimits, entries: 20 };
    expect((await errorOf(readContent(fileOf(tarOf(files)), { limits }))).message).toMatch(
      /more than 20 files/,
    );
    expect(
      (await errorOf(readContent(fileOf(containerBytes('parts.zip')), { limits: { ...limits, entries: 2 } })))
        .message,
    ).toMatch(/more than 2 files/);
  });
});

describe('reading', () => {
  test('says how many bytes of the file are read, and never more than it has', async () => {
    for (const name of ['gzip.csv.gz', 'info.zip', 'pyarrow.zstd.parquet', 'rows.json.gz']) {
      const source = fileOf(containerBytes(name));
      let before = 0;
      for await (const { bytes } of (await openContent(source)).pieces) {
        expect(bytes).toBeGreaterThanOrEqual(before);
        expect(bytes).toBeLessThanOrEqual(source.size);
        before = bytes;
      }
      expect(before).toBeGreaterThan(source.size / 2);
    }
  });

  test('rejects with the reason of its signal, wherever it is, and frees the file', async () => {
    const reason = new Error('enough');
    const hashes = Array.from({ length: 100_000 }, (_, i) => `1,${Math.imul(i, 2654435761) >>> 0}\n`);
    const big = gzip(`click,user\n${hashes.join('')}`);
    const abort = new AbortController();
    let cancelled = 0;
    const cuts = Array.from({ length: Math.floor(big.length / 10_000) }, (_, i) => (i + 1) * 10_000);
    const source = sourceOf(big, 'big.gz', cuts);
    const watched = {
      ...source,
      stream() {
        const reader = source.stream().getReader();
        return new ReadableStream<Uint8Array>({
          async pull(controller) {
            const { done, value } = await reader.read();
            if (done) controller.close();
            else controller.enqueue(value);
          },
          cancel() {
            cancelled++;
          },
        });
      },
    };
    const content = await openContent(watched, {}, abort.signal);
    abort.abort(reason);
    await expect(
      (async () => {
        for await (const _ of content.pieces);
      })(),
    ).rejects.toBe(reason);
    expect(cancelled).toBeGreaterThan(0);
    for (const name of ['info.zip', 'pyarrow.zstd.parquet', 'zstd.csv.zst', 'rows.jsonl.gz']) {
      const opening = openContent(fileOf(containerBytes(name)), {}, AbortSignal.abort(reason));
      await expect(opening).rejects.toBe(reason);
    }
  });

  test('any text in any gzip members is read back, torn anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(1000), { maxLength: 6 }),
        async (texts, cuts) => {
          const members = Buffer.concat(texts.map((text) => gzipSync(text.replaceAll('\0', ''))));
          const at = cuts.map((cut) => cut % members.length).toSorted((a, b) => a - b);
          const { text } = await readContent(sourceOf(new Uint8Array(members), 'file', at));
          const expected = texts.join('').replaceAll('\0', '');
          expect(text).toBe(expected.replace(/^\uFEFF+/, ''));
        },
      ),
      { numRuns: 60, seed: 15 },
    );
  });
});

test.each(['rows.csv', 'gzip.csv.gz', 'info.zip', 'pyarrow.zstd.parquet'])(
  '%s that changes while it is read is an error in words',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
    const path = join(folder, name);
    writeFileSync(path, containerBytes(name));
    const source = Object.assign(await openAsBlob(path), { name }) as unknown as DataSource;
    writeFileSync(path, 'something else');
    const error = await errorOf(readContent(source));
    expect(error.message).toBe(
      `${name}: it was changed, moved or removed while it was read, or it may not be read.`,
    );
    const gone = Object.assign(await openAsBlob(path), { name }) as unknown as DataSource;
    rmSync(folder, { recursive: true });
    expect((await errorOf(readContent(gone))).remedy).toMatch(/stays as it is/);
  },
);
