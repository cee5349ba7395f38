import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspect, load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import {
  avazuFile,
  contentOf,
  criteoLine,
  errorOf,
  lines,
  loadText,
  ratingLine,
  sourceOf,
} from './sources.ts';

describe('what people write is never taken for what a program means', () => {
  test('a rating called constructor or __proto__ is no number, and its line is counted', async () => {
    for (const word of ['constructor', '__proto__', 'toString', 'valueOf']) {
      const text = `team,driver,rating\n${lines(60, (i) => `t${i % 3},d${i % 7},${i === 20 ? word : i % 5}`)}`;
      const dataset = await loadText(text);
      expect(dataset.labels.every(Number.isFinite)).toBe(true);
      expect(dataset.report.skipped).toEqual([
        { reason: 'label in column 3 (rating) is not a number', count: 1, firstLine: 22 },
      ]);
    }
  });

  test('they are values and names like any other', async () => {
    const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
    const text = `label,constructor,__proto__\n${lines(120, (i) => `${i % 2},${words[i % 4]},${words[i % 3]}`)}`;
    const { fields } = await loadText(text);
    expect(fields.map(({ name, cardinality }) => [name, cardinality])).toEqual([
      ['constructor', 5],
      ['__proto__', 4],
    ]);
  });

  test.each([
    ['1e39', /label in column 3 \(rating\) is beyond ±1e15/],
    ['1e400', /label in column 3 \(rating\) is beyond ±1e15/],
    ['-1e30', /label in column 3 \(rating\) is beyond ±1e15/],
    ['Infinity', /label in column 3 \(rating\) is missing/],
    ['NaN', /label in column 3 \(rating\) is missing/],
    ['many', /label in column 3 \(rating\) is not a number/],
  ])('a rating %s is left out, counted and named', async (label, reason) => {
    const text = `user,item,rating\n${lines(80, (i) => `u${i % 3},i${i % 7},${i === 33 ? label : i % 5}`)}`;
    const dataset = await loadText(text);
    expect(dataset.examples).toBe(79);
    expect(dataset.report.skipped).toEqual([
      { reason: expect.stringMatching(reason), count: 1, firstLine: 35 },
    ]);
  });

  test('a file of them is an error with a remedy', async () => {
    const error = await errorOf(
      loadText(`user,item,rating\n${lines(80, (i) => `u${i % 3},i${i % 7},${i % 5}e39`)}`),
    );
    expect(error.message).toMatch(/too large to learn in 32-bit floats/);
    expect(error.remedy).toMatch(/larger unit/);
  });

  test('a number that float32 does not hold is a bad number, also in a Criteo file of them', async () => {
    const huge = (i: number) => criteoLine(i).replace(/^(.)\t[^\t]*/, '$1\t1e300');
    const dataset = await loadText(lines(60, (i) => (i % 20 === 3 ? huge(i) : criteoLine(i))));
    expect(dataset.format).toBe('criteo');
    expect(dataset.report.skipped).toEqual([
      {
        reason: 'column 2 (I1) is not a number within ±3.4e38, the range of 32-bit floats',
        count: 3,
        firstLine: 4,
      },
    ]);
    expect((await errorOf(loadText(lines(60, huge)))).message).toMatch(
      /“1e300” is not a number within ±3.4e38/,
    );
  });

  test('two labels of any two numbers are clicks', async () => {
    const pair = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(pair, async ([a, b]) => {
        fc.pre(a !== b);
        const text = `label,u,v\n${lines(60, (i) => `${i % 3 ? a : b},u${i % 4},v${i % 5}`)}`;
        const dataset = await loadText(text);
        expect(dataset).toMatchObject({ task: 'click', examples: 60 });
        expect([...dataset.labels].filter((label) => label === Number(a > b))).toHaveLength(40);
      }),
      { numRuns: 40, seed: 14 },
    );
  });

  test('repeated names are made unique and told, in every format with a header', async () => {
    const avazu = avazuFile(200).replace('C15', 'C14').replace('C16', 'C14 (2)');
    const files = [
      [avazu, 'C14', ['C14', 'C14 (3)', 'C14 (2)']],
      [`click,a,a\n${lines(60, (i) => `${i % 2},x${i % 3},y${i % 5}`)}`, 'a', ['a', 'a (2)']],
    ] as const;
    for (const [text, repeated, expected] of files) {
      const { fields, report } = await loadText(text);
      const names = fields.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toEqual(expect.arrayContaining([...expected]));
      expect(report.warnings[0]).toMatchObject({ kind: 'repeated-name', column: repeated });
    }
  });
});

describe('memory is asked before it is taken', () => {
  /** 60,000 lines with `fields` values each that occur once. */
  const distinct = (fields: number) => {
    const header = ['click', ...Array.from({ length: fields }, (_, f) => `c${f}`)].join(',');
    return `${header}\n${lines(60_000, (i) => [i % 2, ...Array.from({ length: fields }, (_, f) => `v${i}f${f}`)].join(','))}`;
  };
  const roles = (['label', 'category', 'category', 'category', 'category'] as const).slice();
  const text = distinct(4);
  const loadWithin = (totalBytes: number, maxExamples = defaultLoadOptions.maxExamples) =>
    load(
      sourceOf(text, 'log.csv'),
      { ...defaultLoadOptions, roles, maxExamples, minCount: 1 },
      undefined,
      undefined,
      { totalBytes },
    );

  test('what does not fit ends early, in words, with a sample that fits', async () => {
    const error = await errorOf(loadWithin(10e6));
    expect(error.message).toMatch(/log\.csv: .* lines .* take about \d+ MB of memory, and there are 10 MB/);
    const fit = Number(/--max-examples (\d+)/.exec(error.remedy)?.[1]);
    expect(fit).toBeGreaterThan(5000);
    expect(fit).toBeLessThan(50_000);
    expect((await loadWithin(10e6, fit)).examples).toBe(fit);
  });

  test('a projection errs on the side of loading: values that repeat are no growth', async () => {
    const repeating = `click,a,b\n${lines(200_000, (i) => `${i % 2},x${i % 5000},y${i % 3000}`)}`;
    const dataset = await load(sourceOf(repeating), defaultLoadOptions, undefined, undefined, {
      totalBytes: 30e6,
    });
    expect(dataset.examples).toBe(200_000);
  });

  test('a line of a million columns is refused at once', async () => {
    const startMs = performance.now();
    const wide = `${Array.from({ length: 500_000 }, () => 'a').join(',')}\n1,2\n`;
    expect((await errorOf(loadText(wide))).message).toMatch(/more than 10,000 columns/);
    const error = await errorOf(loadText(`click,a,b\n${'1,x,y\n'.repeat(30)}${','.repeat(1_100_000)}\n`));
    expect(error).toMatchObject({ line: 32, message: expect.stringMatching(/longer than 1 MB/) });
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  test('one too wide line in a file costs that line', async () => {
    const { report } = await loadText(
      `click,a,b\n${lines(60, (i) => `${i % 2},x${i % 3},y${i % 5}`)}${','.repeat(600_000)}\n`,
    );
    expect(report.skipped).toMatchObject([{ reason: 'wrong number of columns (not 3)', firstLine: 62 }]);
  });
});

describe('how a stream is torn shows nowhere', () => {
  const files = {
    table: `clicked;city;age\n${lines(40, (i) => `${i % 2};"tówn ${i % 5}";${i % 30},5`)}`,
    'a wrong width in most lines': `click,a,b\n${lines(60, (i) => (i % 3 ? '1,2' : '0,1,2'))}`,
    'Criteo, with a long line at the end': lines(4, criteoLine) + 'x'.repeat(300),
    'MovieLens with garbage first': `garbage\n\n${lines(60, ratingLine('\t'))}`,
    'a bad character': Uint8Array.from(Buffer.from('click,a,b\n1,x,y\n0,Zürich,y\n1,ü,z\n', 'latin1')),
    binary: Uint8Array.of(99, 10, 0, 10, 44),
    'half a signature': Uint8Array.of(0x1f),
    gzip: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0),
    empty: '',
  };

  /** What a person sees of a file: its preview and data set, or the errors. */
  async function seen(bytes: Uint8Array, cuts: readonly number[]): Promise<string> {
    const told = (error: unknown) => String(error);
    const source = () => sourceOf(bytes, 'file', cuts);
    const preview = await inspect(source()).then((value) => JSON.stringify(value), told);
    const dataset = await load(source(), defaultLoadOptions).then(contentOf, told);
    return `${preview}\n${dataset}`;
  }

  for (const [name, content] of Object.entries(files)) {
    test(name, async () => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const whole = await seen(bytes, []);
      const everyByte = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => i + 1);
      expect(await seen(bytes, everyByte)).toBe(whole);
      await fc.assert(
        fc.asyncProperty(fc.subarray(everyByte), async (cuts) => {
          expect(await seen(bytes, cuts)).toBe(whole);
        }),
        { numRuns: 15, seed: 9 },
      );
    });
  }

  test('lines about as long as the longest allowed', async () => {
    const longest = 2 ** 20;
    const head = `click,a,b\n${lines(60, (i) => `${i % 2},x${i % 3},y${i % 5}`)}`;
    for (const length of [longest, longest + 1]) {
      for (const quoted of [false, true]) {
        const cell = 'z'.repeat(length - (quoted ? 6 : 4));
        const text = `${head}1,${quoted ? `"${cell}"` : cell},y\n${'0,x1,y1\n'.repeat(9)}`;
        const bytes = new TextEncoder().encode(text);
        for (const size of [bytes.length, 100_000, 1_250_000 - 7]) {
          const cuts = Array.from({ length: Math.ceil(bytes.length / size) - 1 }, (_, i) => (i + 1) * size);
          const loading = load(sourceOf(bytes, 'long', cuts), defaultLoadOptions);
          if (length > longest) expect(await errorOf(loading)).toMatchObject({ line: 62 });
          else expect((await loading).examples).toBe(70);
        }
      }
    }
  });
});
