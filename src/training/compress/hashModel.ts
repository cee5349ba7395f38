import { copying, type Pieces, rangesOf } from '../../pieces/pieces.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import { locate } from '../../program/lookup.ts';
import { copyOthers } from '../resize/refitModel.ts';
import { vectorsOf, type ModelState } from '../weights/modelState.ts';

/** Rows between two rests, each about a few milliseconds: of numbers, and of vectors. */
const PIECE_ROWS = 2 ** 17;
const VISITED_ROWS = 2 ** 13;

/**
 * Fills `next` with the vectors of `whole`. Each field of `next` has one table, in which ids may share rows. A row becomes the mean
 * Σ p_i·e_i / Σ p_i over the ids that share it, with p_i = rowFactors[i]² the share of the field's lookups that hit id i. Of all
 * single vectors this one has the least squared error, weighed by lookups. If none of the ids of a row was ever looked up, they
 * count alike. Vectors keep their dim. Returns that error as a share of Σ_fields E‖e‖².
 */
export function* hashingModel(
  whole: ModelState,
  next: ModelState,
  rowFactors: readonly Float64Array[],
): Pieces<number> {
  const { baseDim } = whole.allocation;
  const blocks = storedBlocks(whole.program, whole.allocation);
  let energy = 0;
  let kept = 0;
  for (const { field, table, rowOf } of sharedTables(next)) {
    const rows = table.length / baseDim;
    const counts = new Float64Array(rows);
    const weights = new Float64Array(rows);
    const factors = rowFactors[field];
    for (const { from, end } of rangesOf(factors.length, PIECE_ROWS)) {
      for (let id = from; id < end; id++) {
        counts[rowOf(id)]++;
        weights[rowOf(id)] += factors[id] ** 2;
      }
      yield;
    }
    const means = new Float64Array(table.length);
    for (const block of blocks) {
      if (block.field !== field) continue;
      const addVector = (vector: ArrayLike<number>, i: number): void => {
        const id = block.firstId + i;
        const row = rowOf(id);
        const p = factors[id] ** 2;
        const share = weights[row] > 0 ? p / weights[row] : 1 / counts[row];
        for (let j = 0; j < baseDim; j++) {
          means[row * baseDim + j] += share * vector[j];
          energy += p * vector[j] ** 2;
        }
      };
      yield* visitingVectors(vectorsOf(whole.state, block, baseDim), addVector);
    }
    yield* copying(means, table);
    for (const { from, end } of rangesOf(means.length, PIECE_ROWS)) {
      for (let i = from; i < end; i++) kept += weights[Math.floor(i / baseDim)] * means[i] ** 2;
      yield;
    }
  }
  copyOthers(whole, next);
  return energy > 0 ? Math.max(0, 1 - kept / energy) : 0;
}

/** The table of every field, with the row that an id reads. */
function sharedTables({ program, allocation, state }: ModelState) {
  const gather = program.sections.train.find((op) => op.kind === 'gather')!;
  const byName = new Map(program.tensors.map((tensor) => [tensor.name, tensor]));
  return gather.layout.blocks.map(({ lookup: index }, i) => {
    const lookup = program.data.lookups[index];
    const table = byName.get(`embedding.table.${i}`)!;
    const held = { table, projection: undefined };
    return {
      field: lookup.field,
      table: vectorsOf(state, held, allocation.baseDim).table,
      rowOf: (id: number) => locate(lookup, id),
    };
  });
}

/** Visits the rows of table × projection. A vector is valid only until the next visit. */
function* visitingVectors(
  { table, projection, dim, baseDim }: ReturnType<typeof vectorsOf>,
  visit: (vector: ArrayLike<number>, row: number) => void,
): Pieces<void> {
  const vector = new Float64Array(baseDim);
  const visitRow = (row: number): void => {
    const stored = table.subarray(row * dim, (row + 1) * dim);
    if (!projection) return visit(stored, row);
    vector.fill(0);
    for (let k = 0; k < dim; k++)
      for (let j = 0; j < baseDim; j++) vector[j] += stored[k] * projection[k * baseDim + j];
    visit(vector, row);
  };
  for (const { from, end } of rangesOf(table.length / dim, VISITED_ROWS)) {
    for (let row = from; row < end; row++) visitRow(row);
    yield;
  }
}
