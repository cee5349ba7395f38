import { describe, expect, test } from 'vitest';
import {
  batchCount,
  consecutiveBatches,
  dealBatches,
  epochOrder,
  examplesOf,
} from '../../../src/training/batches/batches.ts';

const range = { start: 10, count: 103 };

describe('batches', () => {
  test('deal every training example to exactly one batch and keep the last partial one', () => {
    const batches = dealBatches(range, 25, 1);
    const sizes = Array.from({ length: batchCount(batches) }, (_, k) => examplesOf(batches, k).length);
    expect(sizes).toEqual([25, 25, 25, 25, 3]);
    expect([...batches.examples].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 103 }, (_, i) => 10 + i),
    );
  });

  test('are the same for the same seed and others for another', () => {
    expect(dealBatches(range, 25, 1)).toEqual(dealBatches(range, 25, 1));
    expect(dealBatches(range, 25, 1)).not.toEqual(dealBatches(range, 25, 2));
  });

  test('evaluate a split in its own order', () => {
    expect([...examplesOf(consecutiveBatches(range, 100), 1)]).toEqual([110, 111, 112]);
  });
});

describe('the order of an epoch', () => {
  test('visits every batch once, differently each epoch and each seed', () => {
    const orders = [epochOrder(50, 1, 0), epochOrder(50, 1, 1), epochOrder(50, 2, 0)];
    for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    expect(new Set(orders.map(String)).size).toBe(3);
  });
});
