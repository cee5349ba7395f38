// path: per part vectors[b, field, j] = Σ_i hidden[b, part, i] · W2[i, j] + b2[j]; after path_hidden
// shapes   gathered f32[batch, width]: W2 [h, D], b2 [D] in a part's second slot
//          hidden f32[batch, parts, widest]   vectors f32[batch, fields, D]
//          parts u32[parts, 3] (in constants): field, first lookup, h
// dispatch one thread per element of the parts' vectors
// races    none: every thread writes its own element
// source   Shi et al. 2019, arXiv 1909.02107, §4
struct Sizes {
  elements: u32, // batch·parts·D
  parts: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  widest: u32,
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  hidden_at: u32,
  vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> hidden: array<f32>;
@group(0) @binding(4) var<storage, read_write> vectors: array<f32>;
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
  let j = n % D;
  let b = n / D / sizes.parts;
  let part = part_at(n / D % sizes.parts, sizes.gathered_at + b * sizes.width);
  let units = sizes.hidden_at + n / D * sizes.widest;
  var value = gathered[part.b2 + j];
  for (var i = 0u; i < part.hidden; i++) { value += hidden[units + i] * gathered[part.w2 + i * D + j]; }
  vectors[sizes.vectors_at + (b * sizes.fields + part.field) * D + j] = value;
}
