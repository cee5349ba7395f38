import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankByPopularity } from '../../../src/data/encoding/rankByPopularity.ts';
import { splitByHash } from '../../../src/data/splits.ts';
import { runSteps } from '../../../src/data/containers/pace.ts';
import { readName } from '../../../src/data/dataset.ts';
import { lines, loadText } from './sources.ts';

/** hash(k) = ((k·2654435761) mod 2^32) >> 16, in integers that cannot overflow. */
function splitOf(k: number): 'train' | 'validation' | 'test' {
  const digit = (((BigInt(k) * 2654435761n) % 2n ** 32n) >> 16n) % 10n;
  return digit === 9n ? 'test' : digit === 8n ? 'validation' : 'train';
}

/** Users of validation and test are new, items are all different. */
const userFile = (label: (k: number) => number) =>
  `user,item,label\n${lines(200, (k) => `u${splitOf(k) === 'train' ? k % 5 : 'new'},i${k},${label(k)}`)}`;

describe('splitting', () => {
  test('follows the published formula for any line number', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (k) => {
        expect(['train', 'validation', 'test'][splitByHash(k)]).toBe(splitOf(k));
      }),
    );
  });

  test('every line is in exactly one split, in file order, header and skipped lines not disturbing the count', async () => {
    const bad = new Set([3, 40]);
    const row = (k: number) => (bad.has(k) ? `${k},broken` : `${k},a${k % 3},b${k % 4}`);
    const count = 500;
    const text = `label,a,b\n${Array.from({ length: count }, (_, k) => row(k)).join('\n')}`;
    const dataset = await loadText(text, { roles: ['label', 'category', 'category'] });
    // The label of line k is k, so labels name the lines.
    const all = Array.from({ length: count }, (_, k) => k).filter((k) => !bad.has(k));
    const expected = (['train', 'validation', 'test'] as const).map((split) =>
      all.filter((k) => splitOf(k) === split),
    );
    expect([...dataset.labels]).toEqual(expected.flat());
    const { train, validation, test: tested } = dataset.splits;
    expect([train.count, validation.count, tested.count]).toEqual(expected.map((part) => part.length));
    expect([train.start, validation.start, tested.start]).toEqual([
      0,
      expected[0].length,
      expected[0].length + expected[1].length,
    ]);
    expect(dataset.report.linesRead).toBe(count);
  });
});

describe('ids', () => {
  const values = fc.array(fc.nat(12), { minLength: 60, maxLength: 150 });

  test('are popularity ranks of the training split, with everything rare in one row', async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 4 }), async (column, minCount) => {
        const text = `label,v,w\n${column.map((value, k) => `${k % 2},v${value},w${k % 3}`).join('\n')}`;
        const dataset = await loadText(text, { minCount, roles: ['label', 'category', 'category'] });
        const [field] = dataset.fields;
        const { counts, rareId, cardinality } = field;
        const trained = new Map<number, number>();
        column.forEach((value, k) => {
          if (splitOf(k) === 'train') trained.set(value, (trained.get(value) ?? 0) + 1);
        });
        const kept = [...trained.values()].filter((count) => count >= minCount);
        const total = dataset.splits.train.count;

        expect(cardinality).toBe(kept.length + 1);
        expect(counts).toHaveLength(cardinality);
        expect([...counts]).toEqual([...counts].toSorted((a, b) => b - a));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
        expect(counts[rareId]).toBe(total - kept.reduce((sum, count) => sum + count, 0));
        expect([...counts].filter((_, id) => id !== rareId)).toEqual(kept.toSorted((a, b) => b - a));

        // Every example of every split has the id of its value.
        const order = (['train', 'validation', 'test'] as const).flatMap((split) =>
          column.flatMap((_, k) => (splitOf(k) === split ? [k] : [])),
        );
        const idOfValue = new Map<number, number>();
        order.forEach((k, example) => {
          const id = dataset.ids[example * 2];
          expect(id).toBeLessThan(cardinality);
          const count = trained.get(column[k]) ?? 0;
          if (count < minCount) expect(id).toBe(rareId);
          else {
            expect(id).not.toBe(rareId);
            expect(counts[id]).toBe(count);
            expect(idOfValue.get(column[k]) ?? id).toBe(id);
            idOfValue.set(column[k], id);
          }
        });
        expect(new Set(idOfValue.values()).size).toBe(idOfValue.size);
      }),
      { numRuns: 40 },
    );
  });

  test('ties keep the order in which values were first seen, the rare row last', () => {
    const { idOfCode, counts, rareId } = runSteps(rankByPopularity(Uint32Array.of(2, 5, 2, 1, 1), 2));
    expect([...idOfCode]).toEqual([1, 0, 2, 3, 3]);
    expect([...counts]).toEqual([5, 2, 2, 2]);
    expect(rareId).toBe(3);
  });

  test('a field without values still has its rare row', () => {
    expect(runSteps(rankByPopularity(new Uint32Array(0), 2))).toMatchObject({ cardinality: 1, rareId: 0 });
  });

  test('counts come from training alone, and minCount defaults to 2 for clicks and 1 for ratings', async () => {
    const roles = ['category', 'category', 'label'] as const;
    const clicks = await loadText(
      userFile((k) => k % 2),
      { roles },
    );
    const ratings = await loadText(
      userFile((k) => k % 5),
      { roles },
    );
    expect(clicks.report.minCount).toBe(2);
    expect(ratings.report.minCount).toBe(1);
    expect(clicks.fields[0].cardinality).toBe(5 + 1);
    expect(clicks.fields[1].cardinality).toBe(1);
    expect(ratings.fields[1].cardinality).toBe(ratings.splits.train.count + 1);
    expect(ratings.fields[1].rareId).toBe(ratings.splits.train.count);
  });
});

describe('names', () => {
  test('are kept on request: what each id stands for, nothing for the rare one', async () => {
    const value = (k: number) => (k % 50 === 49 ? `once ${k}` : ['Café', '名', 'c,d'][k % 3]);
    const text = `label,v,w\n${lines(200, (k) => `${k % 2},"${value(k)}",w${k % 3}`)}`;
    const roles = ['label', 'category', 'category'] as const;
    const kept = await loadText(text, { roles, minCount: 2, keepNames: true });
    const [{ names, cardinality, rareId }] = kept.fields;
    const read = Array.from({ length: cardinality }, (_, id) => readName(names!, id));
    expect(read[rareId]).toBe('');
    expect(read.toSorted()).toEqual(['', 'Café', 'c,d', '名']);
    expect((await loadText(text, { roles, minCount: 2 })).fields[0].names).toBeUndefined();
  });
});
