import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partsOf, readCategory } from '../../../src/data/categoryReading.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { inspect } from '../../../src/data/load.ts';
import { errorOf, lines, loadText, sourceOf } from './sources.ts';

const genres = ['Action', 'Comedy', 'Drama', 'Film-Noir'];
const genresOf = (i: number) => genres.filter((_, g) => ((i % 15) + 1) & (1 << g));
const films = `user,genres,liked\n${lines(400, (i) => `u${i % 9},${genresOf(i).join('|')},${i % 2}`)}`;

/** The value names of a field, by example in file order within the splits. */
function valuesOf({ fields, ids, examples }: Dataset, name: string): readonly number[] {
  const field = fields.findIndex((one) => one.name === name);
  return Array.from({ length: examples }, (_, i) => ids[i * fields.length + field]);
}

describe('cells that are lists', () => {
  test('are one value each unless a person says otherwise, which the preview says how to', async () => {
    const { columns, warnings } = await inspect(sourceOf(films));
    expect(columns[1].profile?.lists).toEqual([
      { separator: '|', cells: expect.any(Number), parts: expect.arrayContaining(genres), most: 4, cut: 0 },
    ]);
    expect(warnings).toContainEqual(
      expect.objectContaining({ kind: 'list', column: 'genres', remedy: expect.stringMatching(/genres=\|/) }),
    );
    expect((await loadText(films)).fields.map(({ name }) => name)).toEqual(['user', 'genres']);
  });

  test('of few different parts become a field for each, which says whether it is there', async () => {
    const splitCells = [{ column: 'genres', separator: '|' }];
    const dataset = await loadText(films, { splitCells, keepNames: true });
    expect(dataset.fields.map(({ name }) => name)).toEqual([
      'user',
      ...genres.map((genre) => `genres=${genre}`),
    ]);
    expect(new Set(valuesOf(dataset, 'genres=Drama')).size).toBe(2);
    expect(dataset.report.warnings.filter(({ kind }) => kind === 'list')).toEqual([]);
  });

  test('of many different parts become fields of their first ones, and what is left out is counted', async () => {
    const tags = (i: number) =>
      Array.from({ length: 1 + (i % 11) }, (_, k) => `t${(i * 7 + k) % 50}`).join(';');
    const text = `user,tags,liked\n${lines(440, (i) => `u${i % 9},${tags(i)},${i % 2}`)}`;
    const dataset = await loadText(text, { splitCells: [{ column: 'tags', separator: ';' }] });
    expect(dataset.fields.map(({ name }) => name)).toEqual([
      'user',
      ...Array.from({ length: 8 }, (_, k) => `tags ${k + 1}`),
    ]);
    expect(dataset.report.warnings).toContainEqual(
      expect.objectContaining({
        kind: 'list',
        message: expect.stringMatching(/^120 cells of “tags” have more than 8/),
      }),
    );
  });

  test.each([
    ['shelf', '|', /no column “shelf”/],
    ['user', '|', /no cell of “user” is a list/],
  ])('a split of “%s” at “%s” is refused by name', async (column, separator, message) => {
    const error = await errorOf(loadText(films, { splitCells: [{ column, separator }] }));
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(/genres/);
  });

  test('say of every part whether it is there, for any parts, blanks and order', () => {
    const part = fc.stringMatching(/^[a-z]{1,3}$/);
    fc.assert(
      fc.property(fc.array(part), part, fc.constantFrom('|', ';', ','), (parts, asked, separator) => {
        const cell = parts.join(` ${separator} `);
        expect(partsOf(cell, separator)).toEqual(parts);
        expect(readCategory({ separator, part: asked }, cell)).toBe(parts.includes(asked) ? '1' : '0');
        parts.forEach((own, index) => expect(readCategory({ separator, index }, cell)).toBe(own));
      }),
    );
  });
});
