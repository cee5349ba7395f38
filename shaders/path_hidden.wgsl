// path_hidden: hidden[b, part, i] = relu(Σ_k z[k] · W1[k, i] + b1[i]), 0 past the part's h
// shapes   gathered f32[batch, width]: z [D], W1 [D, h], b1 [h] in a part's slots   hidden f32[batch, parts, widest]
//          parts u32[parts, 3] (in constants): field, first lookup, h
// dispatch one thread per element of hidden
// races    none: every thread writes its own element
// source   Shi et al. 2019, arXiv 1909.02107, §4
struct Sizes {
  elements: u32, // batch·parts·widest
  parts: u32,
  width: u32,
  base_dim: u32,
  widest: u32,
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  hidden_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read_write> hidden: array<f32>;
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
  let i = n % sizes.widest;
  let b = n / sizes.widest / sizes.parts;
  let part = part_at(n / sizes.widest % sizes.parts, sizes.gathered_at + b * sizes.width);
  var value = 0.0;
  if (i < part.hidden) {
    value = gathered[part.b1 + i];
    for (var k = 0u; k < sizes.base_dim; k++) { value += gathered[part.z + k] * gathered[part.w1 + k * part.hidden + i]; }
  }
  hidden[sizes.hidden_at + n] = max(value, 0.0);
}
