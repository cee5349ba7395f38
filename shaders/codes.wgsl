// codes: integers of BITS bits in the records of rows: the bits of a scale, then 32/BITS codes a word (included)
// shapes   records u32[rows, record words]
// dispatch none: functions only
// races    none: read only; a word belongs to one row
// source   src/program/tensor.ts
override BITS: u32 = 8u;

// Code c of a word, in two's complement.
fn code_of(word: u32, c: u32) -> f32 {
  return f32(extractBits(bitcast<i32>(word), c * BITS, BITS));
}
