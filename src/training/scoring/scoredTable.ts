import type { Task } from '../../data/dataset.ts';
import { columnsOf, type ScoredTable } from './scoredColumns.ts';

export type ScoredFormat = 'csv' | 'parquet';

/** Loads only the code of the format that is asked for. */
export async function openScoredTable(format: ScoredFormat, task: Task): Promise<ScoredTable> {
  if (format === 'csv') return new (await import('./scoredCsv.ts')).ScoredCsv(columnsOf(task));
  return new (await import('./scoredParquet.ts')).ScoredParquet(columnsOf(task));
}
