// embedding_layout: finds the block that holds a row, in the descriptors of an EmbeddingLayout (included)
// shapes   constants u32[*]: lookup table [lookups, 4] at sizes.lookups_at, block table [blocks, 8] at sizes.blocks_at
//          rows u32[batch, lookups], or ids u32[slots, batch, lookups]
// dispatch none: functions only; at most 16 blocks a lookup are searched
// races    none: read only
// source   src/program/lookup.ts
const NO_PROJECTION = 0xffffffffu;

struct Block {
  first_id: u32,
  rows: u32,
  dim: u32,
  table: u32, // element of the flat table tensor
  projection: u32, // element of the flat projection tensor, or NO_PROJECTION
  first_row: u32,
}

fn block_at(index: u32) -> Block {
  let at = sizes.blocks_at + index * 8u;
  return Block(
    constants[at + 1u], constants[at + 2u], constants[at + 3u],
    constants[at + 4u], constants[at + 5u], constants[at + 6u],
  );
}

fn slot_offset(lookup: u32) -> u32 {
  return constants[sizes.lookups_at + lookup * 4u + 2u];
}

fn is_held(lookup: u32) -> bool {
  return block_count(lookup) > 0u;
}

fn block_count(lookup: u32) -> u32 {
  return constants[sizes.lookups_at + lookup * 4u + 1u];
}

// Of a lookup that is held. Blocks are in row order and the first begins at 0.
fn block_of(lookup: u32, row: u32) -> u32 {
  let at = sizes.lookups_at + lookup * 4u;
  var index = constants[at];
  let last = index + constants[at + 1u] - 1u;
  while (index < last && constants[sizes.blocks_at + (index + 1u) * 8u + 1u] <= row) {
    index++;
  }
  return index;
}

// The row that a lookup reads for example b of the batch.
fn row_of_example(b: u32, lookup: u32) -> u32 {
  return rows[current.slot * sizes.row_stride + b * sizes.lookups + lookup];
}

fn block_for(b: u32, lookup: u32) -> Block {
  return block_at(block_of(lookup, row_of_example(b, lookup)));
}
