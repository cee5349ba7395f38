// sum_parts: out[i] = Σ_part parts[part, i]: the second pass of every split sum
// shapes   parts f32[parts, stride]   out f32[elements]
// dispatch one thread per element of out
// races    none: every thread writes its own element; parts are added in order
struct Sizes {
  elements: u32,
  parts: u32,
  stride: u32,
  first: u32,
  out_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
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
  var sum = 0.0;
  for (var part = 0u; part < sizes.parts; part++) { sum += parts[sizes.first + part * sizes.stride + i]; }
  out[sizes.out_at + i] = sum;
}
