import * as v from 'valibot';
import { fieldsOf } from '../../data/formats/layout.ts';
import type { DataReading } from '../../data/reading.ts';
import { excerpt } from '../../validation/excerpt.ts';
import { count, finite } from '../../validation/shape.ts';

/** What the model sees of the numbers of a column, as it may come back from a file. */
export const transformShape = v.variant('kind', [
  v.object({ kind: v.literal('log') }),
  v.object({ kind: v.literal('signed-log') }),
  v.object({ kind: v.literal('standardise'), mean: finite, deviation: finite }),
]);

const mark = v.picklist(['.', ',']);
const category = v.union([
  v.picklist(['verbatim', 'value', 'integer', 'last-two']),
  v.strictObject({ separator: v.string(), part: v.string() }),
  v.strictObject({ separator: v.string(), index: count }),
]);
const field = v.object({ name: v.string(), category });
const rule = v.variant('kind', [
  v.object({ kind: v.literal('at-least'), value: finite }),
  v.object({ kind: v.literal('above'), value: finite }),
  v.object({ kind: v.literal('equals'), value: v.string() }),
]);

/** How a file was read, as it may come back from a file. */
export const readingShape = v.object({
  dialect: v.object({
    // An empty one would cut a line after every character.
    delimiter: v.pipe(v.string(), v.minLength(1), v.maxLength(8)),
    newline: v.picklist(['\n', '\r']),
    quotes: v.boolean(),
    backslash: v.boolean(),
    trims: v.boolean(),
  }),
  hasHeader: v.boolean(),
  columns: v.array(
    v.object({
      name: v.string(),
      role: v.picklist(['label', 'number', 'category', 'time', 'ignore']),
      mark: v.exactOptional(mark),
      dateOrder: v.exactOptional(v.picklist(['day-first', 'month-first'])),
      transform: v.exactOptional(transformShape),
      category: v.exactOptional(category),
      parts: v.exactOptional(v.nullable(v.array(field))),
      derived: v.exactOptional(field),
    }),
  ),
  labelReading: v.variant('kind', [
    v.object({ kind: v.literal('number'), mark, words: v.boolean() }),
    v.object({ kind: v.literal('words'), low: v.string(), high: v.string() }),
    v.object({ kind: v.literal('blank-is-no'), value: v.string() }),
    v.object({ kind: v.literal('rule'), rule, mark }),
  ]),
  clicks: v.nullable(v.object({ low: finite, high: finite })),
}) satisfies v.GenericSchema<unknown, DataReading>;

/** What the model sees and the reading does not have, as a clause; null: every field and number is read from a column. */
export function findReadingProblem(
  { columns }: DataReading,
  fields: readonly { readonly name: string }[],
  numericColumns: readonly { readonly name: string }[],
): string | null {
  const categories = new Set(fieldsOf(columns).map(({ name }) => name));
  const numbers = new Set(columns.flatMap(({ name, role }) => (role === 'number' ? [name] : [])));
  const lost =
    fields.find(({ name }) => !categories.has(name)) ?? numericColumns.find(({ name }) => !numbers.has(name));
  return lost ? `no column is read as “${excerpt(lost.name)}”` : null;
}
