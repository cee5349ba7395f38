// factored_update: one optimiser step on every dense parameter, whose gradient is Σ_c left[i, c]·σ[c]·right[c, j], or exact
// shapes   values f32[elements], state likewise: see optimizer_*.wgsl   gradients f32[exact elements]
//          factors: left f32[rows, rank], right f32[rank, columns], σ f32[rank] of every piece that has them
//          pieces u32[pieces, 6] (in constants): end of its elements, columns, rank (0: exact), left_at or exact_at, right_at, sigma_at
// dispatch one thread per element
// races    none: every thread owns its element
// source   Hoskins et al. 2019, arXiv 1903.01635
struct Sizes {
  elements: u32,
  values_at: u32,
  pieces_at: u32,
  epsilon: f32,
  beta1: f32,
  one_minus_beta1: f32,
  beta2: f32,
  one_minus_beta2: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gradients: array<f32>;
@group(0) @binding(3) var<storage, read> factors: array<f32>;
@group(0) @binding(4) var<storage, read_write> values: array<f32>;
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
  let element = group_index(group, groups) * THREADS + local;
  if (element >= sizes.elements) { return; }
  var piece = sizes.pieces_at;
  var first = 0u;
  while (constants[piece] <= element) {
    first = constants[piece];
    piece += 6u;
  }
  let inside = element - first;
  let columns = constants[piece + 1u];
  let rank = constants[piece + 2u];
  var gradient = 0.0;
  if (rank == 0u) {
    gradient = gradients[constants[piece + 3u] + inside];
  } else {
    let left = constants[piece + 3u] + inside / columns * rank;
    let right = constants[piece + 4u] + inside % columns;
    let sigma = constants[piece + 5u];
    for (var c = 0u; c < rank; c++) {
      gradient += factors[left + c] * factors[sigma + c] * factors[right + c * columns];
    }
  }
  update(element, gradient, 1.0);
}
