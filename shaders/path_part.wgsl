// path_part: a part of path and where its base and its MLP begin in the row of an example (included)
// shapes   parts u32[parts, 3] at sizes.parts_at: field, first lookup, h; elements of a buffer like gathered
// dispatch none: functions only
// races    none: read only
// source   src/program/operand.ts
struct Part {
  field: u32,
  hidden: u32,
  z: u32, // [D]
  w1: u32, // [D, h]
  b1: u32, // [h]
  w2: u32, // [h, D]
  b2: u32, // [D]
}

// `row`: where the gathered row of the example begins.
fn part_at(index: u32, row: u32) -> Part {
  let at = sizes.parts_at + index * 3u;
  let h = constants[at + 2u];
  let lookup = sizes.lookups_at + constants[at + 1u] * 4u;
  let w1 = row + constants[lookup + 6u];
  let b1 = w1 + sizes.base_dim * h;
  let w2 = b1 + h;
  return Part(constants[at], h, row + constants[lookup + 2u], w1, b1, w2, w2 + h * sizes.base_dim);
}
