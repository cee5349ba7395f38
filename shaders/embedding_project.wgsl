// embedding_project: per part vectors[b, field, :] = stored[b, slot, 0 … dim) · P_block; D floats copied without a projection
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   parts u32[parts, 2] (in constants): field, lookup
//            stored f32[batch, width]   projections f32[*]   vectors f32[batch, fields, D]
// dispatch one thread per 4 elements of a vector
// races    none: every thread writes its own elements; the sum over the stored dims is in order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  quads: u32, // batch·parts·⌈D/4⌉
  parts: u32,
  width: u32,
  fields: u32,
  lookups: u32,
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  base_dim: u32,
  parts_at: u32,
  lookups_at: u32,
  blocks_at: u32,
  stored_at: u32,
  projections_at: u32,
  vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> stored: array<f32>;
@group(0) @binding(4) var<storage, read> projections: array<f32>;
@group(0) @binding(5) var<storage, read_write> vectors: array<f32>;
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
  let quad = group_index(group, groups) * THREADS + local;
  if (quad >= sizes.quads) { return; }
  let D = sizes.base_dim;
  let quads = (D + 3u) / 4u;
  let b = quad / quads / sizes.parts;
  let part = sizes.parts_at + 2u * (quad / quads % sizes.parts);
  let field = constants[part];
  let lookup = constants[part + 1u];
  let j = (quad % quads) * 4u;
  let row = rows[current.slot * sizes.row_stride + b * sizes.lookups + lookup];
  let block = block_at(block_of(lookup, row));
  let source = sizes.stored_at + b * sizes.width + slot_offset(lookup);
  let to = sizes.vectors_at + (b * sizes.fields + field) * D + j;
  let last = D - 1u;
  let columns = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(last));
  var sum = vec4f();
  if (block.projection == NO_PROJECTION) {
    sum = vec4f(stored[source + columns.x], stored[source + columns.y], stored[source + columns.z], stored[source + columns.w]);
  } else {
    var at = columns + sizes.projections_at + block.projection;
    for (var i = 0u; i < block.dim; i++) {
      sum += stored[source + i] * vec4f(projections[at.x], projections[at.y], projections[at.z], projections[at.w]);
      at += D;
    }
  }
  for (var c = 0u; c < min(4u, D - j); c++) { vectors[to + c] = sum[c]; }
}
