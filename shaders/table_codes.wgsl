// table_codes: an element Δ·q_j of a row of a block, of tables of codes (included)
// shapes   records u32[rows, record words]
// dispatch none: a function only
// races    none: read only
// source   Li et al. 2022, arXiv 2212.05735, eq. 3
@group(0) @binding(3) var<storage, read> records: array<u32>;
#include "codes.wgsl"

fn table_value(block: Block, row: u32, j: u32) -> f32 {
  let record = (block.first_row + row) * sizes.record_words;
  let per_word = 32u / BITS;
  return bitcast<f32>(records[record]) * code_of(records[record + 1u + j / per_word], j % per_word);
}
