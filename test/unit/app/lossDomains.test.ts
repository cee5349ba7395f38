import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { lossDomain, stepDomain } from '../../../src/app/loss/lossDomains.ts';
import type { Curve } from '../../../src/app/loss/curve.ts';

const curveOf = (values: readonly number[]): Curve => ({ steps: values.map((_, i) => i + 1), values });

test('the loss axis holds every value but the top 2 %, and they take two fifths of it or more', () => {
  const losses = array(double({ min: 0.01, max: 10, noNaN: true }), { minLength: 2, maxLength: 200 });
  assert(
    property(losses, losses, (before, values) => {
      const shown = lossDomain([curveOf(before)], null);
      const [low, high] = lossDomain([curveOf(values), undefined], shown);
      const sorted = values.toSorted((a, b) => a - b);
      const top = sorted[Math.floor((sorted.length - 1) * 0.98)];
      expect(low).toBeLessThanOrEqual(sorted[0]);
      expect(high).toBeGreaterThanOrEqual(top);
      expect(high - low).toBeLessThanOrEqual(2.5 * Math.max(top - sorted[0], 1e-4) + 1e-9);
    }),
  );
});

test('the loss axis stands still while a noisy loss goes on as before, and an empty one keeps it', () => {
  const values = Array.from(
    { length: 600 },
    (_, i) => 0.5 + 0.05 * Math.sin(7 * i) + 0.01 * Math.sin(i / 50),
  );
  const first = lossDomain([curveOf(values.slice(0, 300))], null);
  let shown = first;
  for (let seen = 300; seen <= 600; seen++) shown = lossDomain([curveOf(values.slice(0, seen))], shown);
  expect(shown).toBe(first);
  expect(lossDomain([curveOf([])], shown)).toBe(shown);
});

test('the step axis shows at most four times what was trained, and all of it', () => {
  expect(stepDomain(0, curveOf([]))).toBe(1);
  expect(stepDomain(188_000, curveOf([1]))).toBeLessThanOrEqual(160);
  for (const trained of [100, 1000, 5000, 9999, 10_000]) {
    const last = stepDomain(10_000, { steps: [trained], values: [1] });
    expect(last).toBeGreaterThanOrEqual(trained);
    expect(last).toBeLessThanOrEqual(Math.min(10_000, 4 * trained));
  }
});
