// tensor_train_part: a part of tensor-train and where its three cores begin in the row of an example (included)
// shapes   parts u32[parts, 6] at sizes.parts_at: field, first lookup, r, q1, q2, q3; elements of gathered
// dispatch none: functions only
// races    none: read only
// source   src/program/operand.ts
struct Part {
  field: u32,
  rank: u32,
  q1: u32,
  q2: u32,
  q3: u32,
  slots: vec3u, // of the cores, in a gathered row
  first: u32, // elements of `gathered`
  second: u32,
  third: u32,
}

fn part_at(index: u32, example: u32) -> Part {
  let at = sizes.parts_at + index * 6u;
  let lookup = sizes.lookups_at + constants[at + 1u] * 4u;
  let slots = vec3u(constants[lookup + 2u], constants[lookup + 6u], constants[lookup + 10u]);
  let row = sizes.gathered_at + example * sizes.width;
  return Part(
    constants[at], constants[at + 2u], constants[at + 3u], constants[at + 4u], constants[at + 5u],
    slots, row + slots.x, row + slots.y, row + slots.z,
  );
}
