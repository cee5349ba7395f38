import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAGE_EXAMPLES } from '../../../src/data/stored/examplePages.ts';
import { Random } from '../../../src/random/random.ts';
import { DealtBatches, EpochOrder, layOutWindows } from '../../../src/training/batches/windows.ts';

const range = { start: 10, count: 103 };

function deal(split: { start: number; count: number }, batch: number, seed: number, pages?: number) {
  const windows = layOutWindows(split, batch, pages);
  const dealt = new DealtBatches(split, batch, seed, windows);
  return Array.from({ length: windows.batches }, (_, index) => dealt.examplesOf(index).slice());
}

const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);
const consecutive = ({ start, count }: typeof range): number[] =>
  Array.from({ length: count }, (_, i) => start + i);

describe('batches of one window', () => {
  test('hold every training example once, and the last one is partial', () => {
    const batches = deal(range, 25, 1);
    expect(batches.map(({ length }) => length)).toEqual([25, 25, 25, 25, 3]);
    const all: number[] = [];
    for (const batch of batches) all.push(...batch);
    expect(sorted(all)).toEqual(consecutive(range));
  });

  test('are the same for the same seed and others for another', () => {
    expect(deal(range, 25, 1)).toEqual(deal(range, 25, 1));
    expect(deal(range, 25, 1)).not.toEqual(deal(range, 25, 2));
  });

  test('are dealt by one permutation of all examples', () => {
    const examples = new Random(5, 'batches').shuffle(Uint32Array.from(consecutive(range)));
    expect(deal(range, 1000, 5)).toEqual([examples]);
  });
});

describe('batches of several windows', () => {
  const sizes = fc.record({
    count: fc.integer({ min: 1, max: 6 * PAGE_EXAMPLES }),
    batch: fc.integer({ min: 400, max: 3 * PAGE_EXAMPLES }),
    pages: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(1000),
  });

  test('hold every training example once, each window those of its own pages', () => {
    fc.assert(
      fc.property(sizes, ({ count, batch, pages, seed }) => {
        const split = { start: 0, count };
        const windows = layOutWindows(split, batch, pages);
        const dealt = new DealtBatches(split, batch, seed, windows);
        const all: number[] = [];
        for (let index = 0; index < windows.batches; index++) {
          const examples = dealt.examplesOf(index);
          expect(examples.length).toBeGreaterThan(0);
          expect(examples.length).toBeLessThanOrEqual(batch);
          const own = dealt.pagesOf(dealt.windowOf(index));
          expect(own.length).toBeLessThanOrEqual(pages);
          for (const example of examples) {
            if (!own.includes(Math.floor(example / PAGE_EXAMPLES))) expect.unreachable();
            all.push(example);
          }
        }
        expect(sorted(all)).toEqual(consecutive(split));
      }),
      { numRuns: 30 },
    );
  });

  test('mix pages of all of the split, and examples of all pages of a window', () => {
    const split = { start: 0, count: 64 * PAGE_EXAMPLES };
    const [first] = deal(split, 8 * PAGE_EXAMPLES, 1, 8);
    const pages = new Set([...first].map((example) => Math.floor(example / PAGE_EXAMPLES)));
    expect(pages.size).toBe(8);
    expect(Math.max(...pages)).toBeGreaterThan(32);
    const [half] = deal(split, 4 * PAGE_EXAMPLES, 1, 8);
    expect(new Set([...half].map((example) => Math.floor(example / PAGE_EXAMPLES))).size).toBe(8);
  });
});

describe('the order of an epoch', () => {
  const orderOf = (order: EpochOrder, epoch: number): number[] =>
    Array.from({ length: order.batches }, (_, position) => order.batchAt(epoch, position));

  test('visits every batch once, differently each epoch and each seed', () => {
    const windows = layOutWindows({ start: 0, count: 50 }, 1);
    const orders = [
      orderOf(new EpochOrder(windows, 1), 0),
      orderOf(new EpochOrder(windows, 1), 1),
      orderOf(new EpochOrder(windows, 2), 0),
    ];
    for (const order of orders) expect(sorted(order)).toEqual([...Array(50).keys()]);
    expect(new Set(orders.map(String)).size).toBe(3);
    expect(orders[1]).toEqual([
      ...new Random(1, 'order').at(2 ** 32).shuffle(Uint32Array.from(Array(50).keys())),
    ]);
  });

  test('visits one window after the other, in an order of its own, wherever it begins', () => {
    const windows = layOutWindows({ start: 0, count: 9 * PAGE_EXAMPLES + 7 }, 1000, 2);
    const order = new EpochOrder(windows, 3);
    const visits = [0, 1, 2].map((epoch) => orderOf(order, epoch));
    for (const batches of visits) {
      expect(sorted(batches)).toEqual([...Array(windows.batches).keys()]);
      const visited = batches.map((batch) => Math.floor(batch / windows.windowBatches));
      const changes = visited.filter((window, i) => window !== visited[i - 1]).length;
      expect(changes).toBe(windows.windows);
    }
    expect(new Set(visits.map(String)).size).toBe(3);
    expect(new EpochOrder(windows, 3).batchAt(2, 30)).toBe(visits[2][30]);
  });
});
