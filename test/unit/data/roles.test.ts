import { describe, expect, test } from 'vitest';
import { inspect } from '../../../src/data/load.ts';
import { lines, sourceOf } from './sources.ts';

async function guess(columns: Readonly<Record<string, (i: number) => unknown>>, rows = 100) {
  const names = Object.keys(columns);
  const text = `${names.join(',')}\n${lines(rows, (i) => names.map((name) => columns[name](i)).join(','))}`;
  const preview = await inspect(sourceOf(text));
  return Object.fromEntries(preview.columns.map(({ name, role }) => [name, role]));
}

describe('guessed roles', () => {
  test('a click log', async () => {
    expect(
      await guess({
        impression_id: (i) => `f${i}-${i * i}`,
        timestamp: (i) => 1_700_000_000 + i * 13,
        user_id: (i) => 4000 + (i % 60),
        campaign: (i) => `c${i % 5}`,
        weekday: (i) => i % 7,
        price: (i) => i / 7,
        age: (i) => 18 + (i % 50),
        clicked: (i) => i % 2,
      }),
    ).toEqual({
      impression_id: 'ignore',
      timestamp: 'time',
      user_id: 'category',
      campaign: 'category',
      weekday: 'category',
      price: 'number',
      age: 'number',
      clicked: 'label',
    });
  });

  test('ratings: integers can only be ids', async () => {
    expect(
      await guess({
        reader: (i) => 1000 + (i % 40),
        isbn: (i) => 9000 + ((i * 7) % 70),
        stars: (i) => 1 + (i % 5),
        date: (i) => `2023-01-${10 + (i % 20)}`,
      }),
    ).toEqual({ reader: 'category', isbn: 'category', stars: 'label', date: 'time' });
  });

  test('a row number is ignored, whatever its name; a column of distinct prices is not', async () => {
    expect(await guess({ n: (i) => i + 1, y: (i) => i % 2, amount: (i) => i * 31 + 7 })).toEqual({
      n: 'ignore',
      y: 'label',
      amount: 'number',
    });
  });

  test('without a telling name the label is a column of zeros and ones: first, last, then any', async () => {
    expect((await guess({ a: (i) => i % 2, b: (i) => `x${i % 3}`, c: (i) => i % 2 })).a).toBe('label');
    expect((await guess({ a: (i) => i % 3, b: (i) => i % 2, c: (i) => (i + 1) % 2 })).c).toBe('label');
    expect((await guess({ a: (i) => i % 3, b: (i) => i % 2, c: (i) => `x${i % 5}` })).b).toBe('label');
  });

  test('a telling name is not enough: the cells must be labels', async () => {
    const roles = await guess({ target: (i) => `page ${i % 9}`, click: (i) => i % 2 });
    expect(roles).toEqual({ target: 'category', click: 'label' });
  });

  test('a preview shows twenty rows and says that roles are guesses', async () => {
    const text = `who,what,score\n${lines(500, (i) => `u${i % 30},w${i % 50},${i % 10}`)}`;
    const preview = await inspect(sourceOf(text, 'scores.csv'));
    expect(preview).toMatchObject({
      format: 'table',
      task: 'rating',
      rolesAreGuessed: true,
      sizeBytes: text.length,
    });
    expect(preview.rows).toHaveLength(20);
    expect(preview.rows[19]).toEqual(['u19', 'w19', '9']);
    expect(preview.columns.map(({ role }) => role)).toEqual(['category', 'category', 'label']);
  });

  test('columns without a name or with the same one get names of their own', async () => {
    const text = `,a,a,click\n${lines(60, (i) => `${i},x${i % 3},y${i % 4},${i % 2}`)}`;
    const preview = await inspect(sourceOf(text));
    expect(preview.columns.map(({ name }) => name)).toEqual(['column 1', 'a', 'a (2)', 'click']);
    expect(preview.columns[0].role).toBe('ignore');
  });
});
