import { isMissing, parseLabel, parseNumber, parseTime } from './cells.ts';
import type { Task } from './dataset.ts';
import { DataError } from './containers/errors.ts';
import type { Layout } from './formats/layout.ts';
import { usesDecimalComma } from './records.ts';
import type { ColumnRole, LoadOptions } from './source.ts';

/** Names that mean the thing to predict, the most telling first. */
const labelNames =
  'label click clicked isclick isclicked target y rating ratings score stars converted conversion purchased purchase response outcome class'.split(
    ' ',
  );
const timeNames =
  /^(time|ts|hour|unixtime|epoch|.*(timestamp|datetime|date)|(event|created|updated|order|visit|click|purchase|view)(time|at))$/;
const rowIdNames = /^(id|rowid|row|index|idx|uuid|guid|unnamed.*|column1|key)$/;
const categoryNames =
  /(id|code|type|kind|category|cat|zip|zipcode|postcode|class|group|segment|brand|bin|user|customer|member|item|product|movie|film|book|song|track|artist|author|game|session|store|seller|campaign|publisher|advertiser|device|country|region|city)$/;

/** Fewer rows than this say little about uniqueness. */
const enoughRows = 50;
const nearlyAllShare = 0.9;
/** Integers with at most so many distinct values are codes rather than quantities. */
const fewValues = 20;

interface ColumnFacts {
  readonly name: string;
  readonly rows: number;
  readonly numeric: boolean;
  readonly integers: boolean;
  readonly distinct: number;
  readonly labels: boolean;
  readonly binary: boolean;
  readonly times: boolean;
  readonly consecutive: boolean;
}

/** One role a column, from its name and its cells in the first rows. */
export function guessRoles(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  decimalComma: boolean,
): readonly ColumnRole[] {
  const facts = names.map((name, i) =>
    describe(
      name,
      rows.map((row) => row[i]),
      decimalComma,
    ),
  );
  const label = guessLabel(facts);
  const time = facts.findIndex((column, i) => i !== label && column.times && timeNames.test(column.name));
  const ratings = label !== -1 && !facts[label].binary;
  return facts.map((column, i) => {
    if (i === label) return 'label';
    if (i === time) return 'time';
    const role = guessFeature(column);
    // Rating models use no numbers, so there an integer can only be of use as an id.
    return role === 'number' && ratings && column.integers ? 'category' : role;
  });
}

/** What the labels of the first rows say; the whole file decides. */
export function guessTask(layout: Layout, rows: readonly (readonly string[])[]): Task {
  const label = layout.columns.findIndex((column) => column.role === 'label');
  const whole = rows.filter((row) => row.length === layout.columns.length);
  const labels = new Set(whole.map((row) => parseLabel(row[label] ?? '', usesDecimalComma(layout.dialect))));
  labels.delete(NaN);
  return labels.size > 2 ? 'rating' : 'click';
}

function describe(name: string, cells: readonly string[], decimalComma: boolean): ColumnFacts {
  const present = cells.filter((cell) => !isMissing(cell));
  const numbers = present.map((cell) => parseNumber(cell, decimalComma));
  const labels = cells.map((cell) => parseLabel(cell, decimalComma));
  const steps = numbers.filter((value, i) => i > 0 && value === numbers[i - 1] + 1).length;
  return {
    name: name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''),
    rows: cells.length,
    numeric: nearlyAll(numbers, (value) => !Number.isNaN(value)),
    integers: nearlyAll(numbers, (value) => Number.isInteger(value)),
    distinct: new Set(cells).size,
    labels: nearlyAll(labels, (label) => !Number.isNaN(label)),
    binary:
      labels.includes(0) && labels.includes(1) && nearlyAll(labels, (label) => label === 0 || label === 1),
    times: nearlyAll(present, (cell) => !Number.isNaN(parseTime(cell))),
    consecutive: steps > 0 && steps === cells.length - 1,
  };
}

/** Not all: files have bad lines among their first ones too. */
function nearlyAll<T>(values: readonly T[], isSo: (value: T) => boolean): boolean {
  return values.length > 0 && values.filter(isSo).length >= nearlyAllShare * values.length;
}

/** A column with a telling name; else one of zeros and ones, where files put it: first, last, anywhere. */
function guessLabel(facts: readonly ColumnFacts[]): number {
  for (const name of labelNames) {
    const named = facts.findIndex((column) => column.name === name && column.labels);
    if (named !== -1) return named;
  }
  if (facts[0].binary) return 0;
  if (facts.at(-1)?.binary) return facts.length - 1;
  return facts.findIndex((column) => column.binary);
}

function guessFeature({ name, rows, numeric, integers, distinct, consecutive }: ColumnFacts): ColumnRole {
  const unique = rows >= enoughRows && distinct === rows;
  if (unique && ((integers && consecutive) || !numeric || rowIdNames.test(name))) return 'ignore';
  if (!numeric) return 'category';
  if (integers && (categoryNames.test(name) || distinct <= fewValues)) return 'category';
  return 'number';
}

/** Throws DataError when no data set can come from these roles. */
export function checkRoles(
  { columns }: Layout,
  { splitBy }: Pick<LoadOptions, 'splitBy'>,
  file: string,
): void {
  const named = (role: ColumnRole) =>
    columns.filter((column) => column.role === role).map(({ name }) => name);
  const labels = named('label');
  const times = named('time');
  const categories = named('category');
  const fail = (problem: string, remedy: string): never => {
    throw new DataError(problem, { file }, remedy);
  };
  if (labels.length === 0) {
    fail(
      'no column is the label.',
      'Give the role “label” to the column to predict: 0 or 1 for clicks, or a rating.',
    );
  }
  if (labels.length > 1) {
    fail(
      `${labels.length} columns are labels: ${labels.join(', ')}.`,
      'Keep the role “label” for one of them.',
    );
  }
  if (times.length > 1) {
    fail(`${times.length} columns are times: ${times.join(', ')}.`, 'Keep the role “time” for one of them.');
  }
  if (categories.length === 0 || categories.length + named('number').length < 2) {
    fail(
      'there is too little to learn from.',
      'Give at least two columns the role “category”, or one “category” and one “number”.',
    );
  }
  if (splitBy === 'time' && times.length === 0) {
    fail(
      'no column is the time, so the file cannot be split by it.',
      'Split by hash, or give one column the role “time”.',
    );
  }
}
