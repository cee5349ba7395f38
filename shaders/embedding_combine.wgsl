// embedding_combine: per part vectors[b, field, j] = product or sum over the part's slots of gathered[b, slot + j]
// shapes   gathered f32[batch, width]   vectors f32[batch, fields, D]
//          parts u32[parts, 3] (in constants): field, first lookup, lookups
// dispatch one thread per element of the parts' vectors
// races    none: every thread writes its own element; slots are taken in order
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
  vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read_write> vectors: array<f32>;
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
  let lookup = constants[part + 1u];
  var value = select(0.0, 1.0, MULTIPLY);
  for (var s = lookup; s < lookup + constants[part + 2u]; s++) {
    let slot = constants[sizes.lookups_at + s * 4u + 2u];
    let factor = gathered[sizes.gathered_at + b * sizes.width + slot + j];
    if (MULTIPLY) { value *= factor; } else { value += factor; }
  }
  vectors[sizes.vectors_at + (b * sizes.fields + constants[part]) * D + j] = value;
}
