import * as v from 'valibot';
import { excerpt } from './excerpt.ts';

/** A whole number from 0 that a float64 holds exactly: a size, an index, an offset. */
export const count = v.custom<number>(
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  'a whole number from 0',
);

/** Neither NaN nor infinite. */
export const finite = v.custom<number>((value) => Number.isFinite(value), 'a finite number');

/** One of these words. Types fail where one of T is missing. */
export const oneOf = <T extends string>(words: Readonly<Record<T, unknown>>) =>
  v.picklist(Object.keys(words) as T[]);

/**
 * What the schema makes of a value that anybody may have written. `refuse` gets a clause for people, “fields.0.name is 7, not a
 * string”, and makes the error that is thrown.
 */
export function checkShape<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  refuse: (problem: string) => Error,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw refuse(describe(result.issues[0]));
}

/** What the schema makes of each of the values that fit it, and how many do not. */
export function sieve<S extends v.GenericSchema>(
  schema: S,
  values: readonly unknown[],
): { readonly fitting: readonly v.InferOutput<S>[]; readonly others: number } {
  const fitting = values.flatMap((value) => {
    const result = v.safeParse(schema, value, { abortEarly: true });
    return result.success ? [result.output] : [];
  });
  return { fitting, others: values.length - fitting.length };
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const name = path === null ? 'it' : excerpt(path);
  const isOwn = issue.kind !== 'schema' || issue.type === 'custom';
  const expected = isOwn ? issue.message : (issue.expected ?? issue.message).toLowerCase();
  return issue.received === 'undefined'
    ? `${name} is missing`
    : `${name} is ${excerpt(issue.received)}, not ${excerpt(expected, 200)}`;
}
