import { describe, expect, test } from 'vitest';
import { Reservoir } from '../../../src/data/exampleCollector.ts';
import { loadText } from './sources.ts';

describe('a row limit', () => {
  test('keeps every line with the same probability', () => {
    const lines = 100;
    const slots = 10;
    const trials = 4000;
    const kept = new Uint32Array(lines);
    for (let seed = 0; seed < trials; seed++) {
      const reservoir = new Reservoir(slots, seed);
      const holder = new Uint32Array(slots);
      for (let line = 0; line < lines; line++) {
        const slot = reservoir.offer();
        if (slot >= 0) holder[slot] = line;
      }
      expect(reservoir.kept).toBe(slots);
      for (const line of holder) kept[line]++;
    }
    // Each count is binomial(4000, 0.1); the sum of squared deviations over variance is about chi-square(99):
    // 99.9 % of draws are below 149.
    const expected = trials * (slots / lines);
    const variance = expected * (1 - slots / lines);
    const chiSquare = kept.reduce((sum, count) => sum + (count - expected) ** 2 / variance, 0);
    expect(chiSquare).toBeLessThan(149);
    expect(chiSquare).toBeGreaterThan(55);
  });

  test('below the limit keeps all, in order', () => {
    const reservoir = new Reservoir(5, 1);
    expect(Array.from({ length: 5 }, () => reservoir.offer())).toEqual([0, 1, 2, 3, 4]);
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
