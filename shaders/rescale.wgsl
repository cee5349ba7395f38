// rescale: out[i] = offset + factor·x[i]
// shapes   x, out f32[elements]
// dispatch one thread per element
// races    none: every thread writes its own element
struct Sizes {
  elements: u32,
  factor: f32,
  offset: f32,
  x_at: u32,
  out_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
#include "group.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  out[sizes.out_at + i] = sizes.offset + sizes.factor * x[sizes.x_at + i];
}
