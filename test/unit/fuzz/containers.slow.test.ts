import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../../src/data/containers/errors.ts';
import { Random } from '../../../src/random/random.ts';
import { mutateBytes, mutateText, pick } from '../../support/mutations.ts';
import { containerBytes, containerNames, fileOf, readContent } from '../data/containers/reading.ts';

/** More by DIMMER_FUZZ=N: times as many. */
const times = Number(process.env.DIMMER_FUZZ ?? 1);
const longestMs = 2000;

/** Rejects for any other error than a DataError with a remedy, and for taking long. CPU time, so that other programs do not count. */
async function readOrRefuse(bytes: Uint8Array<ArrayBuffer>, name: string, what: string): Promise<boolean> {
  const start = process.cpuUsage();
  try {
    await readContent(fileOf(bytes, name));
    return true;
  } catch (error) {
    expect(error, `${what}: ${String((error as Error).stack)}`).toBeInstanceOf(DataError);
    expect((error as DataError).remedy, what).toMatch(/\S.*[.]$/);
    return false;
  } finally {
    expect(process.cpuUsage(start).user / 1000, what).toBeLessThan(longestMs);
  }
}

async function fuzz(
  names: readonly string[],
  count: number,
  seed: number,
  mutate: (random: Random, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Promise<number> {
  const random = new Random(seed, 0);
  let read = 0;
  for (let i = 0; i < count * times; i++) {
    const name = names[i % names.length];
    const bytes = mutate(random, containerBytes(name));
    if (await readOrRefuse(bytes, name, `${name}, seed ${seed}, file ${i}`)) read++;
  }
  return read;
}

const isWindowed = (name: string) => name.startsWith('long');

// 10,000 mutated files in all. A window of 128 MiB takes its time to fill with zeros.
describe('a mutated container is read or refused in words, within two seconds', () => {
  test.each([
    ['gzip', /\.gz$/, 2000, 1],
    ['zip', /\.(zip|xlsx)$/, 2000, 2],
    ['tar', /\.tar$/, 500, 3],
    ['zst', /\.zst$/, 1000, 4],
    ['Parquet', /\.parquet$/, 2000, 5],
  ] as const)('%s', { timeout: 600_000 * times }, async (_, pattern, count, seed) => {
    const names = containerNames(pattern).filter((name) => !isWindowed(name));
    expect(names.length).toBeGreaterThan(1);
    await fuzz(names, count, seed, mutateBytes);
  });

  test('Parquet with one byte changed, in pages that are not compressed', { timeout: 600_000 }, async () => {
    for (const name of ['pyarrow.none.parquet', 'pyarrow.v2.parquet']) {
      const { length } = containerBytes(name);
      for (let at = 4; at < length; at += 41) {
        for (const value of [0x00, 0xff]) {
          const bytes = containerBytes(name);
          bytes[at] = value;
          await readOrRefuse(bytes, name, `${name}, byte ${at} is ${value}`);
        }
      }
    }
  });

  test('what lies in a gzip, under a right checksum', { timeout: 600_000 * times }, async () => {
    const inside = (random: Random, bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(gzipSync(mutateBytes(random, new Uint8Array(gunzipSync(bytes))), { level: 1 }));
    await fuzz(containerNames(/\.tar\.gz$/), 1000, 6, inside);
    await fuzz(containerNames(/^(rows\.json.*|utf16.*|latin1.*)\.gz$/), 500, 7, inside);
  });

  test('JSON', { timeout: 600_000 * times }, async () => {
    const text = (random: Random, bytes: Uint8Array<ArrayBuffer>) => {
      const lines = gunzipSync(bytes).toString().split('\n');
      const some = lines
        .slice(0, 4 + random.below(10))
        .map((line) => (random.below(3) ? line : mutateText(random, line)));
      return new Uint8Array(Buffer.from(some.join(pick(random, ['\n', '\n', '', ',']))));
    };
    const read = await fuzz(containerNames(/^rows\.json/), 1000, 8, text);
    expect(read).toBeGreaterThan(100);
  });
});
