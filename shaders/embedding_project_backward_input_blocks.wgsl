// embedding_project_backward_input_blocks: per part dGathered[b, slot, :] = dVectors[b, field, :] · P_blockᵀ of the block that
//          the example's row lies in, 0 past dim; copied without a projection. For parts of several blocks
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   dVectors f32[batch, fields, D]   projections f32[*]   dGathered f32[batch, width]
//          quads u32[quads, 4] (in constants): first of 4 columns of a part's slots, its field, first lookup and width
// dispatch one thread per 4 examples and quad
// races    none: every thread writes its own elements; the sum over D is in order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  tiles: u32, // ⌈batch/4⌉·quads
  quads: u32,
  batch: u32,
  width: u32,
  fields: u32,
  lookups: u32,
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  base_dim: u32,
  lookups_at: u32,
  blocks_at: u32,
  quads_at: u32,
  d_vectors_at: u32,
  projections_at: u32,
  d_gathered_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(4) var<storage, read> projections: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_gathered: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"

override THREADS: u32 = 64u;

// Column j of the projection's rows.
fn matrix_column(starts: vec4u, j: u32) -> vec4f {
  let at = starts + j;
  return vec4f(projections[at.x], projections[at.y], projections[at.z], projections[at.w]);
}

// Rows past the last one of the projection repeat it; their sums are set to 0.
fn matrix_rows(block: Block, i: vec4u) -> vec4u {
  return sizes.projections_at + block.projection + min(i, vec4u(block.dim - 1u)) * sizes.base_dim;
}

fn backward_one(source: u32, block: Block, i: vec4u, width: u32) -> vec4f {
  if (block.projection == NO_PROJECTION) {
    let at = source + min(i, vec4u(width - 1u));
    return vec4f(d_vectors[at.x], d_vectors[at.y], d_vectors[at.z], d_vectors[at.w]);
  }
  let starts = matrix_rows(block, i);
  var sum = vec4f();
  for (var j = 0u; j < sizes.base_dim; j++) { sum += d_vectors[source + j] * matrix_column(starts, j); }
  return select(vec4f(), sum, i < vec4u(block.dim));
}

fn store_quad(to: u32, count: u32, value: vec4f) {
  for (var c = 0u; c < count; c++) { d_gathered[to + c] = value[c]; }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tile = group_index(group, groups) * THREADS + local;
  if (tile >= sizes.tiles) { return; }
  let D = sizes.base_dim;
  let at = sizes.quads_at + 4u * (tile % sizes.quads);
  let first = constants[at];
  let field = constants[at + 1u];
  let lookup = constants[at + 2u];
  let width = constants[at + 3u];
  let b = tile / sizes.quads * 4u;
  // Examples past the last repeat it and are not stored.
  let examples = min(vec4u(b, b + 1u, b + 2u, b + 3u), vec4u(sizes.batch - 1u));
  let i = vec4u(first, first + 1u, first + 2u, first + 3u);
  let source = sizes.d_vectors_at + (examples * sizes.fields + field) * D;
  let sum0 = backward_one(source.x, block_for(examples.x, lookup), i, width);
  let sum1 = backward_one(source.y, block_for(examples.y, lookup), i, width);
  let sum2 = backward_one(source.z, block_for(examples.z, lookup), i, width);
  let sum3 = backward_one(source.w, block_for(examples.w, lookup), i, width);
  let to = sizes.d_gathered_at + b * sizes.width + slot_offset(lookup) + first;
  let count = min(4u, width - first);
  store_quad(to, count, sum0);
  if (b + 1u < sizes.batch) { store_quad(to + sizes.width, count, sum1); }
  if (b + 2u < sizes.batch) { store_quad(to + 2u * sizes.width, count, sum2); }
  if (b + 3u < sizes.batch) { store_quad(to + 3u * sizes.width, count, sum3); }
}
