import { storedBlocks } from '../../model/storedBlocks.ts';
import { locate } from '../../program/lookup.ts';
import { copyOthers } from '../resize/refitModel.ts';
import { vectorsOf, type ModelState } from '../weights/modelState.ts';

/**
 * Fills `next` with the vectors of `whole`. Each field of `next` has one table, in which ids may share rows. A row becomes the mean
 * Σ p_i·e_i / Σ p_i over the ids that share it, with p_i = rowFactors[i]² the share of the field's lookups that hit id i. Of all
 * single vectors this one has the least squared error, weighed by lookups. If none of the ids of a row was ever looked up, they
 * count alike. Vectors keep their dim. Returns that error as a share of Σ_fields E‖e‖².
 */
export function hashModel(whole: ModelState, next: ModelState, rowFactors: readonly Float64Array[]): number {
  const { baseDim } = whole.allocation;
  const blocks = storedBlocks(whole.program, whole.allocation);
  let energy = 0;
  let kept = 0;
  for (const { field, table, rowOf } of sharedTables(next)) {
    const rows = table.length / baseDim;
    const counts = new Float64Array(rows);
    const weights = new Float64Array(rows);
    const factors = rowFactors[field];
    factors.forEach((factor, id) => {
      counts[rowOf(id)]++;
      weights[rowOf(id)] += factor ** 2;
    });
    const means = new Float64Array(table.length);
    for (const block of blocks) {
      if (block.field !== field) continue;
      forEachVector(vectorsOf(whole.state, block, baseDim), (vector, i) => {
        const id = block.firstId + i;
        const row = rowOf(id);
        const p = factors[id] ** 2;
        const share = weights[row] > 0 ? p / weights[row] : 1 / counts[row];
        for (let j = 0; j < baseDim; j++) {
          means[row * baseDim + j] += share * vector[j];
          energy += p * vector[j] ** 2;
        }
      });
    }
    table.set(means);
    for (let i = 0; i < means.length; i++) kept += weights[Math.floor(i / baseDim)] * means[i] ** 2;
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
function forEachVector(
  { table, projection, dim, baseDim }: ReturnType<typeof vectorsOf>,
  visit: (vector: ArrayLike<number>, row: number) => void,
): void {
  const vector = new Float64Array(baseDim);
  for (let row = 0; row < table.length / dim; row++) {
    const stored = table.subarray(row * dim, (row + 1) * dim);
    if (!projection) {
      visit(stored, row);
      continue;
    }
    vector.fill(0);
    for (let k = 0; k < dim; k++)
      for (let j = 0; j < baseDim; j++) vector[j] += stored[k] * projection[k * baseDim + j];
    visit(vector, row);
  }
}
