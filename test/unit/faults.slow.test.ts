import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportRuns } from '../../src/app/runs/exportRuns.ts';
import { createCpuBackend } from '../../src/backend/cpu/backend.ts';
import { inspect, load } from '../../src/data/load.ts';
import { type DataSource, defaultLoadOptions, type LoadOptions } from '../../src/data/source.ts';
import { defaultSettings } from '../../src/settings/settings.ts';
import { decodeSettings } from '../../src/settings/settingsCodec.ts';
import { trainRun } from '../../src/training/train.ts';
import { bundleDimmer } from '../support/bundleDimmer.ts';
import { type Ended, startDimmer } from '../support/processes.ts';
import { makeRun } from './app/fakeSession.ts';
import { avazuFile, criteoLine, lines } from './data/sources.ts';

// One test a kind of fault that was met with in use, from outside: files, links, streams and processes.

let folder = '';
let program = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  program = await bundleDimmer(join(folder, 'program'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const dimmer = (args: string, limit?: string): Promise<Ended> =>
  startDimmer(program, args.split(' '), limit).ended;

/** A file of these bytes, which come in pieces of so many. */
function sourceOf(bytes: Uint8Array, pieceBytes = bytes.length): DataSource {
  return {
    name: 'file.csv',
    size: bytes.length,
    stream() {
      let from = 0;
      return new ReadableStream({
        pull(controller) {
          if (from >= bytes.length) return controller.close();
          controller.enqueue(bytes.slice(from, from + pieceBytes));
          from += pieceBytes;
        },
      });
    },
  };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const loadText = (text: string, options: Partial<LoadOptions> = {}) =>
  load(sourceOf(bytesOf(text)), { ...defaultLoadOptions, ...options });

/** 3,000 ratings: 40 users, 61 items. */
function writeRatings(name: string): string {
  writeFileSync(
    at(name),
    `user,film,rating\n${lines(3000, (i) => `u${i % 40},f${(i * 7) % 61},${1 + (i % 5)}`)}`,
  );
  return `--data ${at(name)} --roles category,category,label --epochs 1 --method uniform`;
}

test('a load that is cancelled ends, also where its file never makes it wait', async () => {
  const block = bytesOf(lines(2000, criteoLine));
  const blocks = 150;
  let read = 0;
  const source = {
    name: 'log.txt',
    size: blocks * block.length,
    stream: () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          if (read++ < blocks) controller.enqueue(block);
          else controller.close();
        },
      }),
  };
  const abort = new AbortController();
  const reason = new Error('cancelled');
  setTimeout(() => abort.abort(reason), 20);
  const loading = load(source, { ...defaultLoadOptions, maxExamples: 1000 }, undefined, abort.signal);
  await expect(loading).rejects.toBe(reason);
  expect(read).toBeLessThan(blocks);
});

test('the AUC of two predictions is that of their order where one example in 10,000 is a click', async () => {
  const isClick = (i: number): boolean => i % 10_000 < 10 && i % 7 === 0;
  const text = `click,kind,one\n${lines(150_000, (i) => `${Number(isClick(i))},k${i % 3 === 0 ? 1 : 2},x`)}`;
  const dataset = await loadText(text, { roles: ['label', 'category', 'category'], minCount: 1 });
  const counts = [0, 1].map((label) => [0, 0].map((_, id) => countOf(label, id)));
  function countOf(label: number, id: number): number {
    const { start, count } = dataset.splits.test;
    let sum = 0;
    for (let i = start; i < start + count; i++)
      sum += Number(dataset.labels[i] === label && dataset.ids[2 * i] === id);
    return sum;
  }
  const [negatives, positives] = counts;
  const pairs = (negatives[0] + negatives[1]) * (positives[0] + positives[1]);
  const wins = positives[1] * negatives[0] + (positives[0] * negatives[0] + positives[1] * negatives[1]) / 2;
  const settings = { ...defaultSettings, method: 'uniform', budget: 100, epochs: 1, batch: 1024 } as const;
  const aucs: number[] = [];
  const run = { settings: { ...settings, learningRate: 0.01 }, dataset, backend: createCpuBackend() };
  for await (const event of trainRun(run))
    if (event.kind === 'evaluation' && event.split === 'test' && 'auc' in event.metrics)
      aucs.push(event.metrics.auc);
  expect(pairs).toBeGreaterThan(0);
  const exact = wins / pairs;
  expect(Math.abs(exact - 0.5)).toBeGreaterThan(0.05);
  // Either may be the larger, but they are not one.
  expect(Math.abs(aucs[0] - 0.5)).toBeCloseTo(Math.abs(exact - 0.5), 6);
});

test.each(['constructor', '__proto__', '1e39', '1e30'])(
  'a rating %s is no number to learn from: its line is counted, and training goes well',
  async (label) => {
    const text = `team,driver,rating\n${lines(80, (i) => `t${i % 3},d${i % 7},${i === 33 ? label : i % 5}`)}`;
    const { labels, report } = await loadText(text, { roles: ['category', 'category', 'label'] });
    expect(labels.every((value) => Math.abs(value) < 1e16)).toBe(true);
    expect(report.skipped).toMatchObject([{ count: 1, firstLine: 35 }]);
  },
);

describe('a run file is refused in words where', () => {
  let whole: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    await dimmer(`train ${writeRatings('ratings.csv')} --budget 300 --save ${at('run')}`);
    whole = Uint8Array.from(readFileSync(at('run')));
  });

  /** With a header that was changed, and its length. */
  function withHeader(change: (header: string) => string): Uint8Array {
    const length = Number(new DataView(whole.buffer).getBigUint64(0, true));
    const header = bytesOf(change(new TextDecoder().decode(whole.subarray(8, 8 + length))));
    const first = new Uint8Array(8);
    new DataView(first.buffer).setBigUint64(0, BigInt(header.length), true);
    return Buffer.concat([first, header, whole.subarray(8 + length)]);
  }

  test.each<[string, () => Uint8Array]>([
    ['100 bytes are missing', () => whole.slice(0, whole.length - 100)],
    ['bytes of a table are NaN', () => whole.with(whole.length - 1, 0x7f).with(whole.length - 2, 0xff)],
    ['offsets are fractions', () => withHeader((text) => text.replace(/\[0,(\d+)\]/, '[0.5,$1]'))],
    [
      'a shape is endless',
      () => withHeader((text) => text.replace(/"shape":\[[^\]]*\]/, '"shape":[1e300,1]')),
    ],
    ['elements are of another type', () => withHeader((text) => text.replace('"F32"', '"U32"'))],
  ])('%s', async (_, damaged) => {
    writeFileSync(at('damaged'), damaged());
    const data = `--data ${at('ratings.csv')} --roles category,category,label`;
    const running = startDimmer(program, `spectrum ${data} --run ${at('damaged')}`.split(' '));
    const limit = setTimeout(() => running.child.kill('SIGKILL'), 20_000);
    const { code, stdout, stderr } = await running.ended;
    clearTimeout(limit);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('what is written', () => {
  test('leaves the earlier file as it was where the disk is full, and the result is printed', async () => {
    const run = `train ${writeRatings('ratings.csv')} --budget 9k`;
    const earlier = 'x'.repeat(700);
    writeFileSync(at('full'), earlier);
    const { stdout } = await dimmer(`${run} --save ${at('full')}`, 'ulimit -f 2');
    expect(readFileSync(at('full'), 'utf8')).toBe(earlier);
    expect(stdout).toContain('"event":"result"');
  });

  test('is tried before anything is trained', async () => {
    const flags = `--methods uniform --budgets 1/8 --epochs 1 --out ${at('nowhere/file')}`;
    const { code, stdout } = await dimmer(`compare --sample ratings ${flags}`);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('by two processes to one file is every run once', async () => {
    const data = writeRatings('ratings.csv').replace(/ --epochs.*/, '');
    const run = `compare ${data} --methods uniform --budgets 300 --epochs 3 --batch 50 --seeds 4 --out ${at('shared')}`;
    await Promise.all([dimmer(run), dimmer(run)]);
    const results = readFileSync(at('shared'), 'utf8').split('\n').filter(Boolean);
    expect(results).toHaveLength(4);
  });

  test('holds what a run has learnt that SIGTERM stops', async () => {
    const run = `train ${writeRatings('ratings.csv')} --budget 300 --save ${at('stopped')}`;
    const endless = run.replace('--epochs 1', '--epochs 1000 --patience 0 --evaluate-every 50');
    const { child, said, ended } = startDimmer(program, endless.split(' '));
    await said('validation');
    child.kill('SIGTERM');
    await ended;
    expect(existsSync(at('stopped'))).toBe(true);
  });

  test('with fields missing is told of, and not used', async () => {
    const data = writeRatings('ratings.csv').replace(/ --epochs.*/, '');
    const run = `compare ${data} --methods uniform --budgets 300 --epochs 1 --out ${at('results')}`;
    await dimmer(run);
    const { key } = JSON.parse(readFileSync(at('results'), 'utf8').split('\n')[0]) as { key: string };
    writeFileSync(at('results'), `${JSON.stringify({ event: 'result', key })}\n`);
    const { code, stderr } = await dimmer(run);
    expect(code).toBe(0);
    expect(stderr).not.toContain('TypeError');
  });
});

test('a log whose values do not fit the heap ends in words, or fits', async () => {
  const row = (i: number): string =>
    [i % 2, ...Array.from({ length: 26 }, (_, field) => `v${i}f${field}`)].join(',');
  const names = Array.from({ length: 26 }, (_, field) => `c${field}`);
  writeFileSync(at('distinct.csv'), `click,${names.join(',')}\n${lines(200_000, row)}`);
  const roles = ['label', ...names.map(() => 'category')].join(',');
  const train = `train --data ${at('distinct.csv')} --roles ${roles} --method uniform --budget 1k --epochs 1 --batch 16384`;
  const { code, signal, stderr } = await dimmer(train, 'export NODE_OPTIONS=--max-old-space-size=128');
  expect([signal, stderr.includes('heap limit')]).toEqual([null, false]);
  if (code !== 0) expect([code, stderr]).toEqual([1, expect.stringMatching(/MB of memory/)]);
});

test('a line of a million columns costs no seconds', async () => {
  const begun = process.cpuUsage();
  await loadText(`${','.repeat(1_040_000)}\n1,2\n`).catch(() => {});
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1e6).toBeLessThan(2);
});

test('a link with 60,000 digits is read at once', () => {
  const begun = process.cpuUsage();
  decodeSettings(new URLSearchParams({ s: `${'1'.repeat(60_000)}x` }));
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1e6).toBeLessThan(1);
});

describe('how a stream is torn shows nowhere:', () => {
  test('how its lines end, where one of Unix stands among those of an old Mac', async () => {
    const text = `click,a,b\r${lines(48_000, (i) => `${i % 2},${i % 5},${i % 7}`).replaceAll('\n', '\r')}\n${'0,1,2\r'.repeat(20_000)}`;
    const seen = (pieceBytes: number): Promise<string> =>
      inspect(sourceOf(bytesOf(text), pieceBytes)).then(JSON.stringify, String);
    const whole = await seen(text.length);
    for (const pieceBytes of [1000, 65_536, 100_000]) expect(await seen(pieceBytes)).toBe(whole);
  });

  test('whether a long line is one too long', async () => {
    const text = `click,a,b\n${lines(60, (i) => `${i % 2},x${i % 3},y${i % 5}`)}1,${'z'.repeat(1_100_000)},y\n0,x1,y1\n`;
    const outcome = (pieceBytes: number): Promise<string> =>
      load(sourceOf(bytesOf(text), pieceBytes), {
        ...defaultLoadOptions,
        roles: ['label', 'category', 'category'],
      }).then(
        ({ examples }) => `${examples} examples`,
        (error: Error) => error.message,
      );
    const whole = await outcome(text.length);
    for (const pieceBytes of [1000, 65_536, 1_000_000]) expect(await outcome(pieceBytes)).toBe(whole);
  });
});

describe('of what is small,', () => {
  test('repeated names in an Avazu header give fields of different names', async () => {
    const { fields } = await loadText(avazuFile(200).replace('C15', 'C14'));
    const names = fields.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('--resize-at behind the last step is refused before anything is trained', async () => {
    const run = `train ${writeRatings('ratings.csv')} --budget 400 --resize-at 99999999:300`;
    const { code, stdout } = await dimmer(run);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('Criteo lines with 1e300 are bad lines of a Criteo file, and no names of columns', async () => {
    const huge = (i: number): string => criteoLine(i).replace(/^(.)\t[^\t]*/, '$1\t1e300');
    await expect(loadText(lines(60, huge))).rejects.toThrow('“1e300” is not a number');
  });

  test.each(['\t', '\r'])(
    'no cell of an export begins with %j, behind which a formula may stand',
    (blank) => {
      const csv = exportRuns([makeRun('a', { name: `${blank}=1+1` })], 'csv');
      const [, row] = csv.split(/\n/);
      expect(row).not.toMatch(/^"?[\t\r]/);
    },
  );

  test('--save without a name is said to be none', async () => {
    const args = [...`train ${writeRatings('ratings.csv')} --save`.split(' '), ''];
    const { code, stderr } = await startDimmer(program, args).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('--save')]);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
