// dense_update: one optimiser step on every dense parameter
// shapes   values, gradients f32[elements], state likewise: see optimizer_*.wgsl
// dispatch one thread per element
// races    none: every thread owns its element
struct Sizes {
  elements: u32,
  values_at: u32,
  gradients_at: u32,
  epsilon: f32,
  beta1: f32,
  one_minus_beta1: f32,
  beta2: f32,
  one_minus_beta2: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "optimizer_$optimizer.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  update(i, gradients[sizes.gradients_at + i], 1.0);
}
