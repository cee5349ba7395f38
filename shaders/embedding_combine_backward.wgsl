// embedding_combine_backward: gradients of embedding_combine: dVectors[b, field, j], for a product times the other slots
// shapes   gathered, dGathered f32[batch, width]   dVectors f32[batch, fields, D]
//          parts u32[parts, 3] (in constants): field, first lookup, lookups
// dispatch one thread per element of the parts' vectors
// races    none: every thread writes its own element of every slot
// source   Shi et al. 2019, arXiv 1909.02107, §3
struct Sizes {
  elements: u32, // batch·parts·D
  parts: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  d_vectors_at: u32,
  d_gathered_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_gathered: array<f32>;
#include "group.wgsl"

override THREADS: u32 = 64u;
override MULTIPLY: bool = true;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  let D = sizes.base_dim;
  let j = i % D;
  let b = i / D / sizes.parts;
  let part = sizes.parts_at + (i / D % sizes.parts) * 3u;
  let first = constants[part + 1u];
  let end = first + constants[part + 2u];
  let row = b * sizes.width + j;
  let gradient = d_vectors[sizes.d_vectors_at + (b * sizes.fields + constants[part]) * D + j];
  for (var own = first; own < end; own++) {
    var value = gradient;
    if (MULTIPLY) {
      for (var s = first; s < end; s++) {
        if (s != own) { value *= gathered[sizes.gathered_at + row + constants[sizes.lookups_at + s * 4u + 2u]]; }
      }
    }
    d_gathered[sizes.d_gathered_at + row + constants[sizes.lookups_at + own * 4u + 2u]] = value;
  }
}
