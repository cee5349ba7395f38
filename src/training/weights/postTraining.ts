import { atOnce, type Pace } from '../../pieces/pieces.ts';
import { codedWords, groupOf, roundRows } from '../../compression/roundRows.ts';
import { floatTables } from '../../model/storedBlocks.ts';
import type { Program } from '../../program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../program/tensor.ts';
import type { StoredElements } from '../events/events.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';

/** About how many elements are rounded between two rests, in whole groups of rows: about 10 ms. */
const CHUNK_ELEMENTS = 2 ** 18;

/**
 * Rounds every embedding table of a trained model in place, to the bits of its settings, and counts what it then stores. `before`:
 * what it stores in floats. Projections, decoders and MLPs stay floats, and so does a table that codes would not make smaller.
 * Rejects with BackendError, GivenUp.
 */
export async function quantiseTables(
  {
    settings,
    allocation,
    program,
    execution,
  }: Pick<PreparedRun, 'settings' | 'allocation' | 'program' | 'execution'>,
  before: StoredElements,
  pace: Pace = atOnce,
): Promise<StoredElements> {
  const bits = settings.postTraining === 'int8' ? 8 : 4;
  const { baseDim } = allocation;
  let { parameters } = before;
  for (const table of floatTables(program)) {
    const [rows, dim] = table.shape;
    const isSparse = isPruned(table, program);
    // A pruned row has so few elements that a scale of its own would cost more than it saves.
    const group = isSparse ? rows * dim : groupOf(dim, baseDim);
    const groups = Math.ceil((rows * dim) / group);
    const most = codedWords(rows * dim, groups, bits);
    if (!isSparse && most >= rows * dim) continue;
    let elements = 0;
    const chunk = group * Math.max(1, Math.floor(CHUNK_ELEMENTS / group));
    for (let from = 0; from < rows * dim; from += chunk) {
      const count = Math.min(chunk, rows * dim - from);
      const values = (await execution.read(table, from, count)) as Float32Array;
      roundRows(values, { bits, group, isSparse });
      for (const value of values) if (!isSparse || value !== 0) elements++;
      execution.write(table, values, from);
      await pace.rest();
    }
    parameters += codedWords(elements, groups, bits) - elements;
  }
  return { ...before, parameters };
}

function isPruned(table: Tensor, { sections }: Program): boolean {
  return sections.prune.some(
    (op) =>
      op.kind === 'prune' &&
      storageOf(op.values) === storageOf(table) &&
      table.offset >= op.values.offset &&
      table.offset < op.values.offset + elementCount(op.values),
  );
}
