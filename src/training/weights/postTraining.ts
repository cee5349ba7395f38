import type { Execution } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import { codedWords, groupOf, roundRows } from '../../compression/roundRows.ts';
import type { Program } from '../../program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../program/tensor.ts';
import { TrainingError } from '../errors.ts';
import type { ResolvedSettings } from '../events.ts';
import type { StoredElements } from '../loop/pruner.ts';

/** Elements read back at a time, about: whole groups of rows. */
const CHUNK_ELEMENTS = 2 ** 20;

const TABLE = /^embedding\.table\.\d+$/;

/** Throws TrainingError where there is nothing that could be quantised. */
export function checkPostTraining({ postTraining }: ResolvedSettings, program: Program): void {
  if (postTraining === 'none' || program.tensors.some(({ name }) => TABLE.test(name))) return;
  throw new TrainingError(
    'Quantisation after training needs tables of floats, and this method stores none.',
    'Choose “none” after training, or a method with tables.',
  );
}

/**
 * Rounds every embedding table of a trained model, in place, and counts what is stored then. Projections,
 * decoders and MLPs stay floats. `before`: what is stored in floats. A table that codes would not make
 * smaller stays as it is.
 */
export async function quantiseTables(
  execution: Execution,
  program: Program,
  { baseDim }: Pick<Allocation, 'baseDim'>,
  bits: 8 | 4,
  before: StoredElements,
): Promise<StoredElements> {
  let { parameters } = before;
  for (const table of program.tensors.filter(({ name }) => TABLE.test(name))) {
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
