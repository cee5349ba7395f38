// The descriptors of an EmbeddingLayout (see ../../../program/lookup.ts).
// fields u32[F, 4]: firstBlock, blocks, slotOffset, slotWidth
// blocks u32[blocks, 8]: field, firstId, rows, dim, tableOffset, projectionOffset, firstRow, 0

export const NO_PROJECTION: u32 = 0xffffffff;

/** Address of the block of a field that holds an id; blocks are in id order. */
export function blockOf(fields: usize, blocks: usize, field: i32, id: u32): usize {
  let block = firstBlockOf(fields, blocks, field);
  const last = block + <usize>(32 * (blockCountOf(fields, field) - 1));
  while (block < last && load<u32>(block + 32, 4) <= id) block += 32;
  return block;
}

export function blockCountOf(fields: usize, field: i32): i32 {
  return <i32>load<u32>(fields + <usize>(16 * field), 4);
}

/** Address of a field's first block; the others follow, 32 bytes each. */
export function firstBlockOf(fields: usize, blocks: usize, field: i32): usize {
  return blocks + <usize>(32 * load<u32>(fields + <usize>(16 * field)));
}

/** Whether an id is in the block's range: ids below firstId wrap round. */
export function holdsId(block: usize, id: u32): bool {
  return id - load<u32>(block, 4) < load<u32>(block, 8);
}

/** Byte offset of a field's slot in a gathered row. */
export function slotOf(fields: usize, field: i32): usize {
  return <usize>(4 * load<u32>(fields + <usize>(16 * field), 8));
}

export function slotWidthOf(fields: usize, field: i32): i32 {
  return <i32>load<u32>(fields + <usize>(16 * field), 12);
}

/** Row of an id within its block. */
function rowOf(block: usize, id: u32): u32 {
  return id - load<u32>(block, 4);
}

export function dimOf(block: usize): i32 {
  return <i32>load<u32>(block, 12);
}

/** Byte offset of the id's row in the flat table tensor. */
export function tableRowOf(block: usize, id: u32): usize {
  return 4 * <usize>(load<u32>(block, 16) + rowOf(block, id) * load<u32>(block, 12));
}

export function projectionOf(block: usize): u32 {
  return load<u32>(block, 20);
}

/** Index of the id's row in per-row optimiser state. */
export function stateRowOf(block: usize, id: u32): u32 {
  return load<u32>(block, 24) + rowOf(block, id);
}
