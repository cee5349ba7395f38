// path_backward_hidden: dHidden[b, part, i] = Σ_j dVectors[b, field, j] · W2[i, j] where hidden > 0, else 0
// shapes   gathered f32[batch, width]: W2 [h, D] in a part's second slot   dVectors f32[batch, fields, D]
//          hidden, dHidden f32[batch, parts, widest]; 0 past the part's h
//          parts u32[parts, 3] (in constants): field, first lookup, h
// dispatch one thread per element of hidden
// races    none: every thread writes its own element
// source   Shi et al. 2019, arXiv 1909.02107, §4
struct Sizes {
  elements: u32, // batch·parts·widest
  parts: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  widest: u32,
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  hidden_at: u32,
  d_vectors_at: u32,
  d_hidden_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> hidden: array<f32>;
@group(0) @binding(4) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_hidden: array<f32>;
#include "group.wgsl"
#include "path_part.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let n = group_index(group, groups) * THREADS + local;
  if (n >= sizes.elements) { return; }
  let D = sizes.base_dim;
  let i = n % sizes.widest;
  let b = n / sizes.widest / sizes.parts;
  let part = part_at(n / sizes.widest % sizes.parts, sizes.gathered_at + b * sizes.width);
  let g = sizes.d_vectors_at + (b * sizes.fields + part.field) * D;
  var value = 0.0;
  if (i < part.hidden && hidden[sizes.hidden_at + n] > 0.0) {
    for (var j = 0u; j < D; j++) { value += d_vectors[g + j] * gathered[part.w2 + i * D + j]; }
  }
  d_hidden[sizes.d_hidden_at + n] = value;
}
