// score: out[b] = mean + Σ_p dots[b, p] + Σ_f biases[b, f]
// shapes   dots f32[batch, pairs]   biases f32[batch, fields]   out f32[batch, 1]
// dispatch one thread per example
// races    none: every thread writes its own element; the sum is in order
// source   Koren, Bell & Volinsky 2009, eq. 5
struct Sizes {
  batch: u32,
  pairs: u32,
  fields: u32,
  mean: f32,
  dots_at: u32,
  biases_at: u32,
  out_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> dots: array<f32>;
@group(0) @binding(2) var<storage, read> biases: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
#include "group.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let b = group_index(group, groups) * THREADS + local;
  if (b >= sizes.batch) { return; }
  var sum = sizes.mean;
  for (var p = 0u; p < sizes.pairs; p++) { sum += dots[sizes.dots_at + b * sizes.pairs + p]; }
  for (var f = 0u; f < sizes.fields; f++) { sum += biases[sizes.biases_at + b * sizes.fields + f]; }
  out[sizes.out_at + b] = sum;
}
