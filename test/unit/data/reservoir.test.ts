import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleKey } from '../../../src/data/encoding/sample.ts';
import { loadText } from './sources.ts';

describe('a row limit', () => {
  test('keeps every line with the same probability', () => {
    const lines = 100;
    const most = 10;
    const trials = 4000;
    const kept = new Uint32Array(lines);
    for (let trial = 0; trial < trials; trial++) {
      const records = Array.from({ length: lines }, (_, line) => trial * lines + line);
      const least = records.toSorted((a, b) => sampleKey(a) - sampleKey(b)).slice(0, most);
      for (const record of least) kept[record % lines]++;
    }
    // Each count is binomial(4000, 0.1); the sum of squared deviations over variance is about chi-square(99):
    // 99.9 % of draws are below 149.
    const expected = trials * (most / lines);
    const variance = expected * (1 - most / lines);
    const chiSquare = kept.reduce((sum, count) => sum + (count - expected) ** 2 / variance, 0);
    expect(chiSquare).toBeLessThan(149);
    expect(chiSquare).toBeGreaterThan(55);
  });

  test('gives no two lines one key', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1), (a, b) => {
        expect(sampleKey(a) === sampleKey(b)).toBe(a === b);
      }),
    );
  });

  test('gives a random sample in file order, says so, and gives the same one every time', async () => {
    const lines = 3000;
    const text = `label,a,b\n${Array.from({ length: lines }, (_, k) => `${k},a${k % 3},b${k % 4}`).join('\n')}`;
    const options = { roles: ['label', 'category', 'category'], maxExamples: 600 } as const;
    const dataset = await loadText(text, options);
    expect(dataset.report).toMatchObject({ sampled: true, linesRead: lines });
    expect(dataset.examples).toBe(600);
    expect(new Set(dataset.labels).size).toBe(600);
    const { train } = dataset.splits;
    const trained = [...dataset.labels.subarray(0, train.count)];
    expect(trained).toEqual(trained.toSorted((a, b) => a - b));
    // Not the head of the file: the mean line of a uniform sample is 1500 ± 35.
    const mean = dataset.labels.reduce((sum, line) => sum + line, 0) / 600;
    expect(Math.abs(mean - lines / 2)).toBeLessThan(4 * 35);
    expect((await loadText(text, options)).labels).toEqual(dataset.labels);
    expect((await loadText(text, { ...options, maxExamples: lines })).report.sampled).toBe(false);
  });
});
