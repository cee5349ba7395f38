// dense_update: one optimiser step on every dense parameter
// shapes   values, gradients f32[elements], state likewise: see optimizer_*.wgsl
// dispatch one thread per 4 elements, a quarter of the whole apart, so that neighbours stay neighbours.
//          In a straight line, so that compilers that repeat the arithmetic of bounds do it once for the four
// races    none: every thread owns its elements
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
#include "update_value.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = group_index(group, groups) * THREADS + local;
  let quarter = sizes.elements / 4u;
  if (thread < quarter) {
    let second = thread + quarter;
    let third = second + quarter;
    let fourth = third + quarter;
    update(thread, gradients[sizes.gradients_at + thread], 1.0);
    update(second, gradients[sizes.gradients_at + second], 1.0);
    update(third, gradients[sizes.gradients_at + third], 1.0);
    update(fourth, gradients[sizes.gradients_at + fourth], 1.0);
  }
  if (thread < sizes.elements % 4u) {
    let rest = 4u * quarter + thread;
    update(rest, gradients[sizes.gradients_at + rest], 1.0);
  }
}
