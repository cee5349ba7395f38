// embedding_project_backward_input: dStored[b, slot f, :] = dVectors[b, f, :] · P_blockᵀ; copied where dim = D, 0 past dim
// shapes   ids u32[slots, batch, fields]   dVectors f32[batch, fields, D]   projections f32[*]   dStored f32[batch, width]
//          columns u32[width] (in constants): the field of a column of dStored
// dispatch one thread per element of dStored
// races    none: every thread writes its own element; the sum over D is in order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  elements: u32, // batch·width
  width: u32,
  fields: u32,
  lookups: u32, // batch·fields
  base_dim: u32,
  fields_at: u32,
  blocks_at: u32,
  columns_at: u32,
  d_vectors_at: u32,
  projections_at: u32,
  d_stored_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> ids: array<u32>;
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
  let column = index % sizes.width;
  let field = constants[sizes.columns_at + column];
  let lookup = (index / sizes.width) * sizes.fields + field;
  let block = block_at(block_of(field, ids[current.slot * sizes.lookups + lookup]));
  let i = column - slot_offset(field);
  let source = sizes.d_vectors_at + lookup * D;
  var value = 0.0;
  if (i < block.dim) {
    if (block.projection == NO_PROJECTION) {
      value = d_vectors[source + i];
    } else {
      let row = sizes.projections_at + block.projection + i * D;
      for (var j = 0u; j < D; j++) { value += d_vectors[source + j] * projections[row + j]; }
    }
  }
  d_stored[sizes.d_stored_at + index] = value;
}
