// embedding_gather: gathered[b, slot s, 0 … dim) = the row of its block that lookup s reads; the rest of the slot is 0
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   gathered f32[batch, width]   tables: see table_*.wgsl
//          columns u32[width] (in constants): the lookup of a column of gathered
// dispatch one thread per element of gathered
// races    none: every thread writes its own element
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  elements: u32, // batch·width
  width: u32,
  lookups: u32,
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  lookups_at: u32,
  blocks_at: u32,
  columns_at: u32,
  tables_at: u32, // of floats
  record_words: u32, // of codes
  gathered_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(4) var<storage, read_write> gathered: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"
#include "table_$table.wgsl"

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
  let row = row_of_example(b, lookup);
  let block = block_at(block_of(lookup, row));
  let j = column - slot_offset(lookup);
  var value = 0.0;
  if (j < block.dim) { value = table_value(block, row - block.first_id, j); }
  gathered[sizes.gathered_at + i] = value;
}
