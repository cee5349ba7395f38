import { readFile } from 'node:fs/promises';
import type { FieldStatistics } from '../compression/allocation.ts';
import { UsageError } from './errors.ts';

/**
 * Reads lookup counts: a text file with one line per field, in field order, each the lookups of
 * every row separated by commas (`120,7,7,1`); the number of counts is the field's cardinality and
 * their order is free. Throws UsageError naming file, line and count.
 */
export async function readCounts(path: string): Promise<readonly FieldStatistics[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${String(error)}`, 'Check the path after --counts.');
  });
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line, i) => {
    const counts = line.split(',').map((cell, j) => {
      const count = /^\s*\d+\s*$/.test(cell) ? Number(cell) : Number.NaN;
      if (count < 2 ** 32) return count;
      throw new UsageError(
        `${path}, line ${i + 1}, count ${j + 1}: “${cell.slice(0, 20)}” is not a whole number below 2^32.`,
        'Write one line per field: the lookups of every row, separated by commas.',
      );
    });
    const byPopularity = Uint32Array.from(counts).toSorted().toReversed();
    return { name: `field ${i + 1}`, cardinality: counts.length, counts: byPopularity };
  });
}
