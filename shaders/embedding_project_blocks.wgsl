// embedding_project_blocks: per part vectors[b, field, :] = gathered[b, slot, 0 … dim) · P_block of the block that the example's
//          row lies in; D floats copied without a projection. For parts of several blocks; see embedding_project for others
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   parts u32[parts, 2] (in constants): field, lookup
//            gathered f32[batch, width]   projections f32[*]   vectors f32[batch, fields, D]
// dispatch one thread per 4 examples and 4 elements of the vector of a part
// races    none: every thread writes its own elements; the sum over the stored dims is in order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  tiles: u32, // ⌈batch/4⌉·parts·⌈D/4⌉
  batch: u32,
  parts: u32,
  width: u32,
  fields: u32,
  lookups: u32,
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  base_dim: u32,
  parts_at: u32,
  lookups_at: u32,
  blocks_at: u32,
  gathered_at: u32,
  projections_at: u32,
  vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> gathered: array<f32>;
@group(0) @binding(4) var<storage, read> projections: array<f32>;
@group(0) @binding(5) var<storage, read_write> vectors: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"

override THREADS: u32 = 64u;

// The projection's 4 columns of row i.
fn matrix_row(columns: vec4u, i: u32) -> vec4f {
  let at = columns + i * sizes.base_dim;
  return vec4f(projections[at.x], projections[at.y], projections[at.z], projections[at.w]);
}

fn project_one(source: u32, block: Block, columns: vec4u) -> vec4f {
  if (block.projection == NO_PROJECTION) {
    let at = source + columns;
    return vec4f(gathered[at.x], gathered[at.y], gathered[at.z], gathered[at.w]);
  }
  var sum = vec4f();
  let matrix = columns + sizes.projections_at + block.projection;
  for (var i = 0u; i < block.dim; i++) { sum += gathered[source + i] * matrix_row(matrix, i); }
  return sum;
}

fn store_quad(to: u32, count: u32, value: vec4f) {
  for (var c = 0u; c < count; c++) { vectors[to + c] = value[c]; }
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
  let quads = (D + 3u) / 4u;
  let j = (tile % quads) * 4u;
  let part = sizes.parts_at + 2u * (tile / quads % sizes.parts);
  let field = constants[part];
  let lookup = constants[part + 1u];
  let b = tile / quads / sizes.parts * 4u;
  // Examples and columns past the last repeat it, and these examples are not stored.
  let examples = min(vec4u(b, b + 1u, b + 2u, b + 3u), vec4u(sizes.batch - 1u));
  let columns = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(D - 1u));
  let source = sizes.gathered_at + examples * sizes.width + slot_offset(lookup);
  let sum0 = project_one(source.x, block_for(examples.x, lookup), columns);
  let sum1 = project_one(source.y, block_for(examples.y, lookup), columns);
  let sum2 = project_one(source.z, block_for(examples.z, lookup), columns);
  let sum3 = project_one(source.w, block_for(examples.w, lookup), columns);
  let stride = sizes.fields * D;
  let to = sizes.vectors_at + b * stride + field * D + j;
  let count = min(4u, D - j);
  store_quad(to, count, sum0);
  if (b + 1u < sizes.batch) { store_quad(to + stride, count, sum1); }
  if (b + 2u < sizes.batch) { store_quad(to + 2u * stride, count, sum2); }
  if (b + 3u < sizes.batch) { store_quad(to + 3u * stride, count, sum3); }
}
