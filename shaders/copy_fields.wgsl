// copy_fields: vectors[b, listed[p], :] = taken[b·parts + p, :], or with PUT false the other way
// shapes   vectors f32[batch, fields, D]   taken f32[batch·parts, D]   listed u32[parts] (in constants)
// dispatch one thread per element of taken
// races    none: every thread writes its own element
// source   src/program/embeddingOps.ts
struct Sizes {
  elements: u32, // batch·parts·D
  parts: u32,
  fields: u32,
  base_dim: u32,
  fields_at: u32,
  vectors_at: u32,
  taken_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read_write> destination: array<f32>;
#include "group.wgsl"

override THREADS: u32 = 64u;
override PUT: bool = true;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let n = group_index(group, groups) * THREADS + local;
  if (n >= sizes.elements) { return; }
  let D = sizes.base_dim;
  let field = constants[sizes.fields_at + n / D % sizes.parts];
  let among = sizes.vectors_at + (n / D / sizes.parts * sizes.fields + field) * D + n % D;
  let taken = sizes.taken_at + n;
  if (PUT) { destination[among] = source[taken]; } else { destination[taken] = source[among]; }
}
