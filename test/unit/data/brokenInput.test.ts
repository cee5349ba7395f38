import { describe, expect, test } from 'vitest';
import { inspect, load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { avazuFile, criteoLine, errorOf, lines, loadText, ratingLine, sourceOf } from './sources.ts';

const table = (count: number) => `click,a,b\n${lines(count, (i) => `${i % 2},x${i % 3},y${i % 4}`)}`;
const withBad = (good: number, bad: number) => table(good) + 'bad\n'.repeat(bad);
const priced = (count: number) => lines(count, (i) => `${i % 2},${i}.5,x${i % 3},"y ${i % 4}"`);
const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);
/** The first line beyond ASCII is UTF-8, the next one is not. */
const mixed = Buffer.concat([
  Buffer.from('click,a,b\n1,ü,y\n'),
  Buffer.from('0,Zürich,y\n1,ü,z\n', 'latin1'),
]);
const utf16 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le'));

describe('a file that cannot be used is an error that names file, place and remedy', () => {
  const cases: readonly {
    readonly what: string;
    readonly content: string | Uint8Array;
    readonly message: RegExp;
    readonly line?: number;
    readonly column?: string;
    readonly remedy: RegExp;
  }[] = [
    { what: 'an empty file', content: '', message: /the file is empty/, remedy: /holds at least some lines/ },
    {
      what: 'a file of blank lines',
      content: '\n\n \n',
      message: /the file is empty/,
      remedy: /lines of data/,
    },
    {
      what: 'a header alone',
      content: 'click,a,b\n',
      message: /no lines of data/,
      line: 1,
      remedy: /below its header/,
    },
    {
      what: 'one column',
      content: 'hello\nworld\n',
      message: /no columns were found/,
      line: 1,
      remedy: /comma, TAB, semicolon/,
    },
    {
      what: 'a binary file',
      content: bytesOf(1, 2, 10, 0, 3, 4, 5, 6),
      message: /zero bytes/,
      line: 2,
      remedy: /Drop a table: CSV/,
    },
    {
      what: 'half a gzip file',
      content: bytesOf(0x1f, 0x8b, 8, 0),
      message: /ends in the middle/,
      remedy: /cut off/,
    },
    {
      what: 'half a zip archive',
      content: bytesOf(0x50, 0x4b, 3, 4, 1),
      message: /zip archive is damaged or cut off/,
      remedy: /Download or copy it again/,
    },
    {
      what: 'half a Parquet file',
      content: bytesOf(0x50, 0x41, 0x52, 0x31, 1),
      message: /Parquet file is damaged/,
      remedy: /again/,
    },
    {
      what: 'UTF-16 with half a character',
      content: utf16(`\uFEFF${table(20)}\uD800`),
      message: /not valid utf-16le/,
      remedy: /--encoding/,
    },
    {
      what: 'UTF-8 and Latin-1 in one file',
      content: mixed,
      message: /not valid UTF-8/,
      line: 3,
      remedy: /--encoding windows-1252/,
    },
    {
      what: 'a character cut off by the end of the file',
      content: new TextEncoder().encode(`${table(2)}1,ü`).slice(0, -1),
      message: /not valid UTF-8/,
      line: 4,
      remedy: /UTF-8/,
    },
    {
      what: 'a 10 MB line at the start',
      content: 'x'.repeat(10_000_000),
      message: /longer than 1 MB/,
      line: 1,
      remedy: /one example a line/,
    },
    {
      what: 'a 10 MB line further down',
      content: `${table(4)}1,${'x'.repeat(10_000_000)},y\n`,
      message: /longer than 1 MB/,
      line: 6,
      remedy: /one example a line/,
    },
    {
      what: 'a quote that is never closed in a long file',
      content: `${table(50_000)}1,"x,y\n${table(200_000)}`,
      message: /longer than 1 MB/,
      line: 50_002,
      remedy: /double quote that is never closed/,
    },
    {
      what: 'labels of one class',
      content: `click,a,b\n${lines(200, (i) => `1,x${i % 3},y${i % 4}`)}`,
      message: /all 200 labels are 1/,
      column: '1 (click)',
      remedy: /both labels/,
    },
    {
      what: 'Criteo labels of one class',
      content: lines(50, (i) => criteoLine(i).replace(/^./, '0')),
      message: /all 50 labels are 0/,
      column: '1 (label)',
      remedy: /both labels/,
    },
    {
      what: 'no column that could be a label',
      content: `a,b,c\n${lines(60, (i) => `x${i % 3},y${i % 4},z${i % 7}`)}`,
      message: /no column is the label/,
      remedy: /“label”/,
    },
    {
      what: 'nothing to learn from',
      content: `click,a\n${lines(60, (i) => `${i % 2},x${i % 3}`)}`,
      message: /too little to learn from/,
      remedy: /at least two columns/,
    },
    {
      what: 'too few lines to split',
      content: table(3),
      message: /3 usable lines leave nothing for the \w+ split/,
      remedy: /more lines/,
    },
    {
      what: 'Criteo without labels',
      content: lines(30, (i) => criteoLine(i).slice(2)),
      message: /Criteo file without labels/,
      line: 1,
      remedy: /train\.txt/,
    },
    {
      what: 'Criteo with numbers that are none',
      content: lines(40, (i) =>
        i % 3 === 1 ? criteoLine(i).replace(/^(.)\t[^\t]*/, '$1\tmany') : criteoLine(i),
      ),
      message: /line 2, column 2 \(I1\): “many” is not a number\. 13 of 40 lines cannot be used/,
      line: 2,
      column: '2 (I1)',
      remedy: /Correct the cell/,
    },
    {
      what: 'Criteo labels that are neither 0 nor 1',
      content: lines(40, (i) => (i % 3 === 1 ? criteoLine(i).replace(/^./, '2') : criteoLine(i))),
      message: /the label is “2”, not 0 or 1/,
      line: 2,
      column: '1 (label)',
      remedy: /0 or 1/,
    },
    {
      what: 'Avazu lines with too few columns',
      content: avazuFile(100)
        .split('\n')
        .map((line, i) => (i > 60 ? line.slice(0, 30) : line))
        .join('\n'),
      message: /the line has \d+ columns, not 24/,
      line: 62,
      remedy: /24 columns separated by “,”/,
    },
    {
      what: 'ratings that are no numbers',
      content: lines(100, (i) => ratingLine('\t')(i)) + lines(30, () => '1\t2\tgood\t3'),
      message: /the label is “good”, not a rating/,
      line: 101,
      column: '3 (rating)',
      remedy: /a rating/,
    },
  ];

  for (const { what, content, message, line = null, column = null, remedy } of cases) {
    test(what, async () => {
      const error = await errorOf(loadText(content, {}, 'mine.txt'));
      expect(error.message).toMatch(/^mine\.txt/);
      expect(error.message).toMatch(message);
      expect(error.line).toBe(line);
      expect(error.column).toBe(column);
      expect(error.remedy).toMatch(remedy);
      if (line !== null) expect(error.message).toContain(`line ${line}`);
    });
  }

  test('wrong encoding is found on its line wherever the bytes are cut', async () => {
    for (let cut = 1; cut < mixed.length; cut++) {
      const error = await errorOf(load(sourceOf(mixed, 'mine.txt', [cut]), defaultLoadOptions));
      expect(error.line).toBe(3);
    }
  });

  test('roles that cannot be meant', async () => {
    const text = table(50);
    const problem = async (roles: ('label' | 'category' | 'time' | 'ignore')[]) =>
      (await errorOf(loadText(text, { roles }))).message;
    expect(await problem(['label', 'category'])).toMatch(/2 roles were given for 3 columns/);
    expect(await problem(['label', 'label', 'category'])).toMatch(/2 columns are labels: click, a/);
    expect(await problem(['label', 'time', 'time'])).toMatch(/2 columns are times: a, b/);
    expect(await problem(['label', 'ignore', 'category'])).toMatch(/too little to learn from/);
  });

  test('a split by time without a time', async () => {
    const error = await errorOf(loadText(table(50), { splitBy: 'time' }));
    expect(error.message).toMatch(/no column is the time/);
    expect(error.remedy).toMatch(/Split by hash/);
  });

  test('a long file that is mostly bad is given up early', async () => {
    const good = `${table(2000)}`;
    let pieces = 0;
    const source = sourceOf(`${good}${'x\n'.repeat(2_000_000)}`);
    const error = await errorOf(load(source, defaultLoadOptions, () => pieces++));
    expect(error.message).toMatch(/the line has 1 columns, not 3/);
    expect(pieces).toBeLessThan(6);
  });
});

describe('a few bad lines are skipped, counted by reason and shown with the first', () => {
  test('whatever is wrong with them', async () => {
    const text = `click,price,a,b\n${priced(50)}1,cheap,x,y\n\n1,2\n${priced(50)}0,high,x,y\nmaybe,1,x,y\n1,2,"x" z",y\n1,1,x,"y`;
    const dataset = await loadText(text);
    expect(dataset.examples).toBe(100);
    expect(dataset.report.linesRead).toBe(107);
    expect(dataset.report.skipped).toEqual([
      { reason: 'column 2 (price) is not a number', count: 2, firstLine: 52 },
      { reason: 'blank line', count: 1, firstLine: 53 },
      { reason: 'wrong number of columns (not 4)', count: 1, firstLine: 54 },
      { reason: 'label in column 1 (click) is not a number', count: 1, firstLine: 106 },
      { reason: 'malformed quotes', count: 2, firstLine: 107 },
    ]);
  });

  test('ten of any file, and a tenth of a longer one, are let through; one more is an error', async () => {
    expect((await loadText(withBad(50, 10))).report.skipped).toMatchObject([{ count: 10, firstLine: 52 }]);
    expect((await errorOf(loadText(withBad(50, 11)))).message).toMatch(/11 of 61 lines cannot be used/);
    expect((await loadText(withBad(900, 100))).report.skipped).toMatchObject([{ count: 100 }]);
    expect((await errorOf(loadText(withBad(900, 101)))).line).toBe(902);
  });

  test('missing numbers are no reason to skip', async () => {
    const text = `click,price,a\n${lines(100, (i) => `${i % 2},${['', 'NA', 'null', '3.5', 'NaN'][i % 5]},x${i % 3}`)}`;
    const dataset = await loadText(text);
    expect(dataset.examples).toBe(100);
    expect(dataset.numericColumns).toMatchObject([{ name: 'price' }]);
  });
});

describe('cancelling', () => {
  test('stops reading, frees the file and rejects with the reason', async () => {
    const controller = new AbortController();
    const source = sourceOf(table(200_000));
    let cancelled = false;
    let pieces = 0;
    const watched = {
      ...source,
      stream() {
        const reader = source.stream().getReader();
        return new ReadableStream<Uint8Array>({
          async pull(out) {
            const { value, done } = await reader.read();
            if (done) out.close();
            else for (let i = 0; i < value.length; i += 1000) out.enqueue(value.subarray(i, i + 1000));
          },
          cancel() {
            cancelled = true;
          },
        });
      },
    };
    const reason = new Error('the user thought better of it');
    const loading = load(
      watched,
      defaultLoadOptions,
      () => {
        if (++pieces === 3) controller.abort(reason);
      },
      controller.signal,
    );
    await expect(loading).rejects.toBe(reason);
    expect(pieces).toBe(3);
    expect(cancelled).toBe(true);
    await expect(inspect(source, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
