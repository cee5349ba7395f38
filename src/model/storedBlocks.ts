import type { Allocation } from '../compression/allocation.ts';
import type { Program } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';

/** A block of ids whose vectors are rows of a table, or such rows times a projection. */
export interface StoredBlock {
  readonly field: number;
  /** Ids firstId … firstId + table.shape[0] − 1. */
  readonly firstId: number;
  readonly table: Tensor; // [rows, dim]
  readonly projection: Tensor | undefined; // [dim, D]
}

/**
 * The blocks of every field whose ids have rows of their own, in the order of fields. Fields whose vectors are made in other ways are
 * left out: hashed, combined, decoded, stored as codes, or with a learnt threshold.
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

/** The embedding tables that hold floats, in the order of their blocks. */
export function floatTables({ tensors }: Program): readonly Tensor[] {
  return tensors.filter(({ name }) => /^embedding\.table\.\d+$/.test(name));
}
