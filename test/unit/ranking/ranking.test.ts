import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AliasTable } from '../../../src/ranking/aliasTable.ts';
import { Interactions } from '../../../src/ranking/interactions.ts';
import { NegativeSampler } from '../../../src/ranking/negativeSampler.ts';
import { ranksOf } from '../../../src/ranking/ranks.ts';
import { tinyDataset } from '../training/tinyDataset.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { Random } from '../../../src/random/random.ts';

const users = 6;
const items = 9;
const rareId = 4;

const pairs = fc.uniqueArray(fc.tuple(fc.nat(users - 1), fc.nat(items - 1)), {
  minLength: 1,
  maxLength: users * (items - 2),
  selector: ([user, item]) => user * items + item,
});

/** All pairs are in training. */
function dataOf(all: readonly (readonly [number, number])[]): Dataset {
  const countsOf = (field: 0 | 1, length: number) =>
    Uint32Array.from({ length }, (_, id) => all.filter((pair) => pair[field] === id).length);
  const none = { start: all.length, count: 0 };
  return {
    ...tinyDataset('ranking'),
    fields: [
      { name: 'user', cardinality: users, counts: countsOf(0, users), rareId: users - 1 },
      { name: 'item', cardinality: items, counts: countsOf(1, items), rareId },
    ],
    ids: Uint32Array.from(all.flat()),
    labels: new Float32Array(all.length).fill(1),
    splits: { train: { start: 0, count: all.length }, validation: none, test: none },
  };
}

describe('what users have', () => {
  test('is the items of each, ascending, whatever the order of lines', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const interactions = new Interactions(dataOf(all), 'train');
        for (let user = 0; user < users; user++) {
          const own = all.filter((pair) => pair[0] === user).map((pair) => pair[1]);
          expect([...interactions.of(user)]).toEqual(own.toSorted((a, b) => a - b));
          for (let item = 0; item < items; item++)
            expect(interactions.has(user, item)).toBe(own.includes(item));
        }
      }),
    );
  });
});

describe('a draw by weight', () => {
  test('takes each as often as its weight says, and never one without', () => {
    const weights = Float64Array.of(0, 5, 1, 0, 3, 0.5);
    const table = new AliasTable(weights);
    const random = new Random(1, 'alias');
    const draws = 200_000;
    const seen = new Float64Array(weights.length);
    for (let i = 0; i < draws; i++) seen[table.draw(random.word(), random.word())]++;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, i) => {
      const share = weight / total;
      const deviation = Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs(seen[i] / draws - share)).toBeLessThanOrEqual(5 * deviation);
    });
  });

  test('never takes one without weight, for any weights and words', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const weight = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 40 }), word, word, (own, cell, side) => {
        fc.pre(own.some((each) => each > 0));
        expect(own[new AliasTable(Float64Array.from(own)).draw(cell, side)]).toBeGreaterThan(0);
      }),
    );
  });
});

describe('sampled negatives', () => {
  const sampling = fc.constantFrom('uniform' as const, 'popularity' as const);

  test('are never the rare row, and never in the user’s training while there is another item', () => {
    fc.assert(
      fc.property(pairs, sampling, fc.nat(999), (all, by, epoch) => {
        const data = dataOf(all);
        const known = new Interactions(data, 'train');
        // By popularity, items that nobody has are never drawn.
        const drawn = [...data.fields[1].counts].map(
          (count, item) => item !== rareId && (by === 'uniform' || count > 0),
        );
        fc.pre(drawn.some(Boolean));
        const sampler = new NegativeSampler(data, by, 7);
        const negatives = new Uint32Array(3);
        all.forEach(([user], example) => {
          sampler.draw(example, user, epoch, negatives);
          const free = drawn.some((isDrawn, item) => isDrawn && !known.has(user, item));
          for (const item of negatives) {
            expect(drawn[item]).toBe(true);
            if (free) expect(known.has(user, item)).toBe(false);
          }
        });
      }),
    );
  });

  test('depend on seed, epoch and example alone', () => {
    const data = dataOf([
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 1],
    ]);
    const drawn = (sampler: NegativeSampler, example: number, epoch: number) => {
      const negatives = new Uint32Array(8);
      sampler.draw(example, data.ids[2 * example], epoch, negatives);
      return [...negatives];
    };
    const forward = new NegativeSampler(data, 'uniform', 1);
    const backward = new NegativeSampler(data, 'uniform', 1);
    const places = [0, 1, 2, 3].flatMap((example) => [0, 1, 2].map((epoch) => [example, epoch] as const));
    const first = places.map(([example, epoch]) => drawn(forward, example, epoch));
    const second = places.toReversed().map(([example, epoch]) => drawn(backward, example, epoch));
    expect(second.toReversed()).toEqual(first);
    expect(new Set(first.map(String)).size).toBe(places.length);
    expect(drawn(new NegativeSampler(data, 'uniform', 2), 0, 0)).not.toEqual(first[0]);
  });

  test('by popularity come in proportion to counts to the 0.75', () => {
    const popular = Array.from({ length: 16 }, (_, i) => [i % 5, 0] as const);
    const data = dataOf([...popular, [0, 1], [5, 2]]);
    const sampler = new NegativeSampler(data, 'popularity', 1);
    const negatives = new Uint32Array(64);
    const seen = [0, 0, 0];
    for (let epoch = 0; epoch < 500; epoch++) {
      sampler.draw(popular.length + 1, 5, epoch, negatives); // of user 5, who has item 2 alone
      for (const item of negatives) seen[item]++;
    }
    expect(seen[0] / seen[1]).toBeGreaterThan(16 ** 0.75 * 0.93);
    expect(seen[0] / seen[1]).toBeLessThan(16 ** 0.75 * 1.07);
    expect(seen[2]).toBe(0);
  });
});

describe('ranks of held-out items', () => {
  const score = fc.constantFrom(-1, 0, 0.5, 2);

  test('are places in a sort by score and id of what is neither known nor rare', () => {
    const scores = fc.array(score, { minLength: items, maxLength: items });
    fc.assert(
      fc.property(scores, fc.subarray([0, 1, 2, 3, 5, 6, 7, 8]), fc.nat(7), (own, known, pick) => {
        const unknown = [0, 1, 2, 3, 5, 6, 7, 8].filter((item) => !known.includes(item));
        fc.pre(unknown.length > 0);
        const held = unknown[pick % unknown.length];
        const sorted = unknown.toSorted((a, b) => own[b] - own[a] || a - b);
        expect(
          ranksOf(Float32Array.from(own), Uint32Array.of(held), Uint32Array.from(known), rareId),
        ).toEqual([sorted.indexOf(held) + 1]);
      }),
    );
  });

  test('are behind all for an item that training never saw, and NaN where a score is', () => {
    const none = new Uint32Array(0);
    expect(ranksOf(new Float32Array(items), Uint32Array.of(rareId, 1), none, rareId)).toEqual([Infinity, 2]);
    const broken = new Float32Array(items).fill(NaN, 8);
    expect(ranksOf(broken, Uint32Array.of(1), none, rareId)).toEqual([NaN]);
  });
});
