import { expect, test } from 'vitest';
import { decimalsFor } from '../../../src/app/charts/ticks.ts';

test('ticks have as many decimals as tell them apart', () => {
  expect([0, 50, 100].map(decimalsFor([0, 50]))).toEqual(['0', '50', '100']);
  expect([0.5, 1].map(decimalsFor([0.5, 1]))).toEqual(['0.5', '1.0']);
  expect([0.9, 0.902].map(decimalsFor([0.9, 0.902]))).toEqual(['0.900', '0.902']);
  expect(decimalsFor([0.7])(0.7)).toBe('0.70');
});
