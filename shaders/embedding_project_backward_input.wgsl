// embedding_project_backward_input: per part dStored[b, slot, :] = dVectors[b, field, :] · P_blockᵀ, 0 past dim; copied without a projection
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   dVectors f32[batch, fields, D]   projections f32[*]   dStored f32[batch, width]
//          columns u32[columns, 3] (in constants): column of dStored, field and first lookup of its part
// dispatch one thread per example and column
// races    none: every thread writes its own element; the sum over D is in order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  elements: u32, // batch·columns
  columns: u32,
  width: u32,
  fields: u32,
  lookups: u32,
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  base_dim: u32,
  lookups_at: u32,
  blocks_at: u32,
  columns_at: u32,
  d_vectors_at: u32,
  projections_at: u32,
  d_stored_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(4) var<storage, read> projections: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_stored: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = group_index(group, groups) * THREADS + local;
  if (index >= sizes.elements) { return; }
  let D = sizes.base_dim;
  let b = index / sizes.columns;
  let at = sizes.columns_at + 3u * (index % sizes.columns);
  let column = constants[at];
  let lookup = constants[at + 2u];
  let row = rows[current.slot * sizes.row_stride + b * sizes.lookups + lookup];
  let block = block_at(block_of(lookup, row));
  let i = column - slot_offset(lookup);
  let source = sizes.d_vectors_at + (b * sizes.fields + constants[at + 1u]) * D;
  var value = 0.0;
  if (block.projection == NO_PROJECTION) {
    value = d_vectors[source + i];
  } else if (i < block.dim) {
    let matrix = sizes.projections_at + block.projection + i * D;
    for (var j = 0u; j < D; j++) { value += d_vectors[source + j] * projections[matrix + j]; }
  }
  d_stored[sizes.d_stored_at + b * sizes.width + column] = value;
}
