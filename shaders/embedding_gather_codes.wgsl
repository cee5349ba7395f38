// embedding_gather_codes: gathered[b, slot s, j] = Δ·q_j of the row that lookup s reads
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   records u32[rows, stride]
//          gathered f32[batch, width]   columns u32[width] (in constants): the lookup of a column of gathered
// dispatch one thread per element of gathered
// races    none: every thread writes its own element
// source   Li et al. 2022, arXiv 2212.05735, eq. 3
struct Sizes {
  elements: u32, // batch·width
  width: u32,
  lookups: u32,
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  lookups_at: u32,
  blocks_at: u32,
  columns_at: u32,
  stride: u32, // words of a record
  gathered_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> records: array<u32>;
@group(0) @binding(4) var<storage, read_write> gathered: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"
#include "codes.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  let b = i / sizes.width;
  let column = i % sizes.width;
  let lookup = constants[sizes.columns_at + column];
  let row = rows[current.slot * sizes.row_stride + b * sizes.lookups + lookup];
  let block = block_at(block_of(lookup, row));
  let record = (block.first_row + row - block.first_id) * sizes.stride;
  let j = column - slot_offset(lookup);
  let codes = 32u / BITS;
  let scale = bitcast<f32>(records[record]);
  gathered[sizes.gathered_at + i] = scale * code_of(records[record + 1u + j / codes], j % codes);
}
