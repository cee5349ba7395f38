// embedding_part: tiles of examples × columns of every part whose examples share one block (included)
// shapes   parts u32[part_tiles, 5] (in constants): field, first column of the slot, dim, element of the projection or
//          NO_PROJECTION, first quad of columns
// dispatch none: functions only
// races    none: read only
const NO_PROJECTION = 0xffffffffu;

struct Tile {
  left: u32, // first quad of examples
  right: u32,
  field: u32,
  slot: u32,
  dim: u32,
  projection: u32,
}

fn tile_at(index: u32) -> Tile {
  let at = sizes.parts_at + 5u * (index % sizes.part_tiles);
  return Tile(
    index / sizes.part_tiles * LEFT_QUADS, constants[at + 4u],
    constants[at], constants[at + 1u], constants[at + 2u], constants[at + 3u],
  );
}
