import { describe, it, test } from 'vitest';

/** A suite made of a table would pass with none of its tests: an empty table is an error. */
for (const suite of [test, it, describe]) {
  const each = suite.each.bind(suite) as (...table: readonly unknown[]) => unknown;
  const checked = (...table: readonly unknown[]): unknown => {
    if (Array.isArray(table[0]) && table[0].length === 0)
      throw new Error('The table of this suite is empty.');
    return each(...table);
  };
  Object.assign(suite, { each: checked });
}
