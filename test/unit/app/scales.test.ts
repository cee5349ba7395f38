import { array, assert, constantFrom, double, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Axis,
  decimalsFor,
  fitLabels,
  scaleTo,
  type TickLabel,
} from '../../../src/app/charts/scales.ts';

const linear = { scale: 'linear', domain: [10, 20] } as const;
const log = { scale: 'log', domain: [1, 10_000] } as const;

test('a linear scale goes by differences, a log scale by ratios, in either direction', () => {
  expect([10, 12.5, 20].map(scaleTo(linear, 0, 100))).toEqual([0, 25, 100]);
  expect([10, 12.5, 20].map(scaleTo(linear, 100, 0))).toEqual([100, 75, 0]);
  const places = [1, 10, 100, 10_000].map(scaleTo(log, 50, 450));
  places.forEach((place, i) => expect(place).toBeCloseTo([50, 150, 250, 450][i], 9));
});

test('what is off the scale stays at its ends, and what is no number at the first', () => {
  expect([-1e9, 9.99, 20.01, Infinity, NaN].map(scaleTo(linear, 8, 100))).toEqual([8, 8, 100, 100, 8]);
  expect([-1, 0, 0.5, 1e9, NaN].map(scaleTo(log, 100, 8))).toEqual([100, 100, 100, 8, 100]);
});

test('a scale never leaves its pixels and never turns back, even over a domain of one value', () => {
  const positive = double({ min: 1e-6, max: 1e9, noNaN: true });
  assert(
    property(
      constantFrom<Axis['scale']>('linear', 'log'),
      tuple(positive, positive),
      array(positive),
      (scale, ends, values) => {
        const [low, high] = ends.toSorted((a, b) => a - b);
        const places = values.toSorted((a, b) => a - b).map(scaleTo({ scale, domain: [low, high] }, 48, 355));
        places.forEach((place, i) => {
          expect(place).toBeGreaterThanOrEqual(i > 0 ? places[i - 1] : 48);
          expect(place).toBeLessThanOrEqual(355);
        });
      },
    ),
  );
});

const labelsAt = (places: readonly number[], length = 20): readonly TickLabel[] =>
  places.map((at, tick) => ({ tick, text: String(tick), at, length }));
const kept = (labels: readonly TickLabel[], end: number): readonly number[] =>
  fitLabels(labels, end).map(({ tick }) => tick);

test('every label is kept where there is room', () => {
  expect(kept(labelsAt([40, 65, 90]), 100)).toEqual([2, 1, 0]);
});

test('where labels crowd, the last stays and those before it give way', () => {
  expect(kept(labelsAt([40, 64, 88]), 100)).toEqual([2, 0]);
  expect(kept(labelsAt([88, 64, 40]), 100)).toEqual([2, 0]);
});

test('the last label is moved inwards rather than cut; another that would be cut is left out', () => {
  expect(fitLabels(labelsAt([5, 95]), 100).map(({ tick, at }) => [tick, at])).toEqual([[1, 90]]);
  expect(fitLabels(labelsAt([95, 5]), 100).map(({ tick, at }) => [tick, at])).toEqual([[1, 10]]);
});

test('labels neither leave the axis nor come nearer than 5 pixels, and only too little room takes the last', () => {
  const label = tuple(integer({ min: 0, max: 400 }), integer({ min: 6, max: 60 }));
  assert(
    property(array(label), integer({ min: 0, max: 400 }), (drawn, end) => {
      const labels = drawn
        .toSorted(([a], [b]) => a - b)
        .map(([at, length], tick) => ({ tick, text: '', at, length }));
      const shown = fitLabels(labels, end);
      shown.forEach(({ at, length }, i) => {
        expect(at - length / 2).toBeGreaterThanOrEqual(0);
        expect(at + length / 2).toBeLessThanOrEqual(end);
        if (i > 0)
          expect(shown[i - 1].at - shown[i - 1].length / 2 - 5).toBeGreaterThanOrEqual(at + length / 2);
      });
      const last = labels.at(-1);
      if (last && last.length <= end) expect(shown[0]?.tick).toBe(last.tick);
    }),
  );
});

test('ticks have as many decimals as tell them apart', () => {
  expect([0, 50, 100].map(decimalsFor([0, 50]))).toEqual(['0', '50', '100']);
  expect([0.5, 1].map(decimalsFor([0.5, 1]))).toEqual(['0.5', '1.0']);
  expect([0.9, 0.902].map(decimalsFor([0.9, 0.902]))).toEqual(['0.900', '0.902']);
  expect(decimalsFor([0.7])(0.7)).toBe('0.70');
});
