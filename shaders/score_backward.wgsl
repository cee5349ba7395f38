// score_backward: dDots[b, p] = dBiases[b, f] = dScore[b]
// shapes   dScore f32[batch, 1]   dDots f32[batch, pairs]   dBiases f32[batch, fields]
// dispatch one thread per example
// races    none: every thread writes its own elements
struct Sizes {
  batch: u32,
  pairs: u32,
  fields: u32,
  d_score_at: u32,
  d_dots_at: u32,
  d_biases_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> d_score: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_dots: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_biases: array<f32>;
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
  let gradient = d_score[sizes.d_score_at + b];
  for (var p = 0u; p < sizes.pairs; p++) { d_dots[sizes.d_dots_at + b * sizes.pairs + p] = gradient; }
  for (var f = 0u; f < sizes.fields; f++) { d_biases[sizes.d_biases_at + b * sizes.fields + f] = gradient; }
}
