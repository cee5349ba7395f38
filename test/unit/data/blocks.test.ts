import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockCutter, type RecordBlock } from '../../../src/data/encoding/blockCutter.ts';
import { ByteDictionary } from '../../../src/data/encoding/byteDictionary.ts';
import { readPlainNumber } from '../../../src/data/encoding/plainNumber.ts';
import { RecordEncoder } from '../../../src/data/encoding/recordEncoder.ts';
import { type Column, knownLines, type Layout } from '../../../src/data/formats/layout.ts';
import { type Dialect, RecordParser } from '../../../src/data/records.ts';
import { RowReader } from '../../../src/data/rowReader.ts';

const dialects: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(',', '::', '§', ' '),
  newline: fc.constantFrom('\n' as const, '\r' as const),
  quotes: fc.boolean(),
  backslash: fc.boolean(),
  trims: fc.boolean(),
});
const messy = fc.string({
  unit: fc.constantFrom('a', 'é', '"', ',', ' ', '\\', '\n', '\r', ':', '§', '\u00a0'),
  maxLength: 80,
});

interface Read {
  readonly cells: readonly string[] | null;
  readonly line: number;
}

function readAll(text: string, dialect: Dialect, firstLine = 1): Read[] {
  const records: Read[] = [];
  const parser = new RecordParser(dialect, 'file');
  const each = (cells: string[], line: number, malformed: boolean) =>
    records.push({ cells: malformed ? null : cells, line: line - 1 + firstLine });
  parser.push(text, each);
  parser.end(each);
  return records;
}

describe('blocks', () => {
  test('hold the records of the whole file, whatever their size and however it is torn', () => {
    fc.assert(
      fc.property(
        dialects,
        messy,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (dialect, text, blockBytes, piece) => {
          const cutter = new BlockCutter({ dialect, firstLine: 1, header: null }, 'file', blockBytes);
          const blocks: RecordBlock[] = [];
          for (let at = 0; at < text.length; at += piece)
            blocks.push(...cutter.push(text.slice(at, at + piece)));
          blocks.push(...cutter.end());
          const read = blocks.flatMap(({ bytes, firstLine, records }) => {
            const own = readAll(
              new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
              dialect,
              firstLine,
            );
            expect(own).toHaveLength(records);
            return own;
          });
          expect(read).toEqual(readAll(text, dialect));
          let next = 0;
          for (const { firstRecord, records } of blocks) {
            expect(firstRecord).toBe(next);
            next += records;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('begin below the header and what stands above it', () => {
    const dialect = { delimiter: ',', newline: '\n', quotes: true, backslash: false, trims: false } as const;
    const cutter = new BlockCutter({ dialect, firstLine: 3, header: ['a', 'b'] }, 'file', 4);
    const text = '# title\n"two\nlines",\na,b\n1,2\n3,4\n5,6';
    const blocks = [...cutter.push(text.replace('"two\nlines",\n', '\n')), ...cutter.end()];
    expect(blocks.map(({ firstLine, firstRecord, records }) => [firstLine, firstRecord, records])).toEqual([
      [4, 0, 1],
      [5, 1, 1],
      [6, 2, 1],
    ]);
  });
});

const columns: readonly Column[] = [
  { name: 'label', role: 'label' },
  { name: 'point', role: 'number' },
  { name: 'comma', role: 'number', mark: ',', transform: { kind: 'signed-log' } },
  { name: 'even', role: 'number', transform: { kind: 'standardise', mean: 3, deviation: 2 } },
  { name: 'time', role: 'time' },
  { name: 'plain', role: 'category' },
  { name: 'value', role: 'category', category: 'value' },
  { name: 'integer', role: 'category', category: 'integer' },
  { name: 'hour', role: 'category', category: 'last-two' },
  { name: 'list', role: 'category', parts: [{ name: 'first', category: { separator: '|', index: 0 } }] },
];

const cell = fc.oneof(
  fc.constantFrom(
    ...'0|1|-1|7|7.0|007|1.5|1,5|.5|5.|-.5|-0|+3|1e3|0x10|12345678901234567890|1,234.5|NA|nan|\\N|-|?|inf|none|n1|yes'.split(
      '|',
    ),
    '',
    ' ',
    ' x ',
    '\u00a0NA\u00a0',
    'a|b',
    'é',
    '名前',
    'a value longer than eight bytes',
    '"quo""ted"',
    '"a;b"',
    '2024-03-01 10:11',
    '14102123',
  ),
  fc.integer({ min: -1000, max: 10_000 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

describe('records as bytes', () => {
  for (const trims of [false, true]) {
    for (const labels of ['any', 'click'] as const) {
      test(`are read as text is, to the bit: ${labels}, ${trims ? 'trimmed' : 'as they are'}`, () => {
        const dialect: Dialect = { delimiter: ';', newline: '\n', quotes: true, backslash: false, trims };
        const layout: Layout = {
          ...knownLines,
          format: 'table',
          dialect,
          columns,
          labels,
          header: ['0', ...columns.slice(1).map(({ name }) => name)],
          labelReading: { kind: 'number', mark: '.', words: labels === 'any' },
        };
        const reader = new RowReader(layout, true);
        const encoder = new RecordEncoder(layout, true, 'file');
        // Most records good, so that most are compared to the end.
        const label = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('0', '1') }, cell);
        const number = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('3', '2.25', '', 'NA') }, cell);
        const time = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('14102100', '2024-03-01') }, cell);
        const record = fc.tuple(label, number, number, number, time, cell, cell, cell, cell, cell);
        fc.assert(
          fc.property(record, fc.constantFrom('\n', '\r\n', ''), (cells, end) => {
            const line = cells.join(';');
            const [{ cells: read }] = [...readAll(line + end, dialect), { cells: [''] }];
            const problem = read && reader.read(read);
            const bytes = new TextEncoder().encode(line + end);
            expect(encoder.read(bytes, 0)).toBe(bytes.length);
            if (read === null) expect(encoder.problem?.reason).toBe('malformed quotes');
            else expect(encoder.problem).toEqual(problem);
            if (encoder.problem) return;
            expect([encoder.label, encoder.time]).toEqual([reader.label, reader.time]);
            expect(encoder.numbers).toEqual(reader.numbers);
            const expected = [...reader.readCategories(read!)];
            const dictionaries = expected.map(() => new ByteDictionary());
            encoder.code(dictionaries, new Uint32Array(expected.length), 0);
            const decoder = new TextDecoder();
            expect(
              dictionaries.map((dictionary) => decoder.decode(dictionary.pack(Uint32Array.of(0)).bytes)),
            ).toEqual(expected);
          }),
          { numRuns: 3000 },
        );
      });
    }
  }

  test('plain numbers are what Number makes of them', () => {
    const text = fc.oneof(
      fc.stringMatching(/^-?\d{1,17}$/),
      fc.stringMatching(/^-?\d{0,9}\.\d{0,9}$/),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(text, (written) => {
        const bytes = new TextEncoder().encode(written);
        const value = readPlainNumber(bytes, 0, bytes.length, 46);
        if (!Number.isNaN(value)) expect(value).toBe(Number(written));
        else expect(written).not.toMatch(/^-?\d{1,15}$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the dictionary of bytes', () => {
  test('gives codes in first-seen order and the values back, of any length', () => {
    const values = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'é'), maxLength: 12 }), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(values, (written) => {
        const dictionary = new ByteDictionary();
        const known = new Map<string, number>();
        for (const value of written) {
          const bytes = new TextEncoder().encode(`x${value}`);
          if (!known.has(value)) known.set(value, known.size);
          expect(dictionary.code(bytes, 1, bytes.length)).toBe(known.get(value));
        }
        expect(dictionary.size).toBe(known.size);
        const { bytes, ends } = dictionary.pack(Uint32Array.from(known.values()));
        const read = Array.from(ends, (end, i) =>
          new TextDecoder().decode(bytes.subarray(ends[i - 1] ?? 0, end)),
        );
        expect(read).toEqual([...known.keys()]);
      }),
    );
  });
});
