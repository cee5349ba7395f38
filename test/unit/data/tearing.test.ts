import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { RecordParser } from '../../../src/data/records.ts';
import { contentOf, criteoLine, lines, ratingLine, sourceOf } from './sources.ts';

const files = {
  'Criteo, with a short line': `${lines(24, criteoLine)}0\t1\n${criteoLine(25)}`,
  'MovieLens with ::': lines(40, ratingLine('::')),
  'a quoted CSV with Windows line ends': `click,"the ""place""",b\r\n${lines(
    30,
    (i) => `${i % 2},"Zürich,\r\n""${i % 3}"" ☃",x${i % 4}\r`,
  )}\r\n1,"""",last`,
};

describe('how a file is cut into pieces changes nothing', () => {
  for (const [name, text] of Object.entries(files)) {
    test(`${name}: torn once, at every byte`, async () => {
      const bytes = new TextEncoder().encode(text);
      const options = { ...defaultLoadOptions, minCount: 1 };
      const whole = contentOf(await load(sourceOf(bytes), options));
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(contentOf(await load(sourceOf(bytes, 'torn', [cut]), options))).toBe(whole);
      }
    });

    test(`${name}: torn anywhere, many times`, async () => {
      const bytes = new TextEncoder().encode(text);
      const whole = contentOf(await load(sourceOf(bytes), defaultLoadOptions));
      const everyByte = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
      expect(contentOf(await load(sourceOf(bytes, 'torn', everyByte), defaultLoadOptions))).toBe(whole);
      await fc.assert(
        fc.asyncProperty(fc.subarray(everyByte), async (cuts) => {
          expect(contentOf(await load(sourceOf(bytes, 'torn', cuts), defaultLoadOptions))).toBe(whole);
        }),
        { numRuns: 20 },
      );
    });
  }

  test('any cells written as RFC 4180 says are read back, with their line numbers, torn anywhere', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', ' ', 'é'), maxLength: 6 });
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(table, fc.array(fc.nat(200), { maxLength: 8 }), (rows, at) => {
        const written = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','));
        const text = written.join('\n');
        const cuts = [0, ...at.map((i) => i % text.length).sort((a, b) => a - b), text.length];
        const parser = new RecordParser(
          { delimiter: ',', newline: '\n', quotes: true, backslash: false, trims: false },
          'table',
        );
        const read: string[][] = [];
        const starts: number[] = [];
        const collect = (cells: string[], line: number, malformed: boolean) => {
          expect(malformed).toBe(false);
          read.push(cells);
          starts.push(line);
        };
        for (let i = 1; i < cuts.length; i++) parser.push(text.slice(cuts[i - 1], cuts[i]), collect);
        parser.end(collect);
        expect(read).toEqual(rows);
        expect(starts).toEqual(
          written.map(
            (_, i) => 1 + (written.slice(0, i).join('\n') + (i ? '\n' : '')).split('\n').length - 1,
          ),
        );
      }),
    );
  });
});
