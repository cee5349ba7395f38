import type { Allocation } from '../compression/allocation.ts';
import type { Program } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';

/** Rows of a field that a program stores as they are: a vector is a row of the table, or that times the projection. */
export interface StoredBlock {
  readonly field: number;
  /** Ids firstId … firstId + table.shape[0] − 1. */
  readonly firstId: number;
  readonly table: Tensor; // [rows, dim]
  readonly projection: Tensor | undefined; // [dim, D]
}

/**
 * The blocks of every field whose ids have rows of their own, in field order. A field is left out whose vectors are more than
 * rows: hashed, combined, decoded, coded, or thresholded while it learns.
 */
export function storedBlocks(
  program: Program,
  { fields }: Pick<Allocation, 'fields'>,
): readonly StoredBlock[] {
  const gather = program.sections.train.find((op) => op.kind === 'gather');
  if (!gather) return [];
  const byName = new Map(program.tensors.map((tensor) => [tensor.name, tensor]));
  const { lookups } = program.data;
  return gather.layout.blocks
    .flatMap(({ lookup, firstId }, index): StoredBlock[] => {
      const { field } = lookups[lookup];
      const storage = fields[field];
      const isPlain = storage.kind === 'blocks' || (storage.kind === 'sparse' && !storage.threshold);
      const table = byName.get(`embedding.table.${index}`);
      if (!isPlain || !table) return [];
      return [{ field, firstId, table, projection: byName.get(`embedding.projection.${index}`) }];
    })
    .sort((a, b) => a.field - b.field || a.firstId - b.firstId);
}

/** The embedding tables of floats, in the order of their blocks. */
export function floatTables({ tensors }: Program): readonly Tensor[] {
  return tensors.filter(({ name }) => /^embedding\.table\.\d+$/.test(name));
}
