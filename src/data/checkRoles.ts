import { DataError } from './errors.ts';
import type { Layout } from './formats/layout.ts';
import type { ColumnRole } from './load.ts';
import type { LoadOptions } from './loadOptions.ts';

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
