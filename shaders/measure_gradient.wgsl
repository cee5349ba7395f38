// measure_gradient: energies[i] = (‖g‖², ‖right·g‖², ‖g − ĝ‖²) of row i of the gradient xᵀ·dy, which is nowhere in full, and
//          of left·diag(σ)·right
// shapes   x = saved, [batch, inputs] in one group   dy f32[batch, outputs]   factors: left f32[inputs, rank],
//          right f32[rank, outputs], σ f32[rank], rank ≤ 64   energies f32[inputs, 3]
// dispatch one workgroup of 64 threads per row; none where a step does not measure
// races    none: a thread sums every 64th column in order, then a fixed tree
struct Sizes {
  batch: u32,
  inputs: u32,
  outputs: u32,
  rank: u32,
  x_at: u32,
  dy_at: u32,
  left_at: u32,
  right_at: u32,
  sigma_at: u32,
  energies_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
#include "saved_$saved.wgsl"
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> factors: array<f32>;
@group(0) @binding(5) var<storage, read_write> energies: array<f32>;
#include "group.wgsl"
#include "workgroup_sum.wgsl"

const THREADS = 64u;
const MAX_RANK = 64u;
alias Sum = f32;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups);
  if (i >= sizes.inputs) { return; }
  var along: array<f32, MAX_RANK>;
  var whole = 0.0;
  var missed = 0.0;
  for (var j = local; j < sizes.outputs; j += THREADS) {
    var g = 0.0;
    for (var b = 0u; b < sizes.batch; b++) {
      g += saved_value(sizes.x_at + b * sizes.inputs + i) * dy[sizes.dy_at + b * sizes.outputs + j];
    }
    g *= saved_scale(0u);
    var difference = g;
    for (var c = 0u; c < sizes.rank; c++) {
      let right = factors[sizes.right_at + c * sizes.outputs + j];
      along[c] += g * right;
      difference -= factors[sizes.left_at + i * sizes.rank + c] * factors[sizes.sigma_at + c] * right;
    }
    whole += g * g;
    missed += difference * difference;
  }
  let whole_row = workgroup_sum(whole, local);
  var spanned = 0.0;
  for (var c = 0u; c < sizes.rank; c++) {
    let projection = workgroup_sum(along[c], local);
    spanned += projection * projection;
  }
  let missed_row = workgroup_sum(missed, local);
  if (local == 0u) {
    energies[sizes.energies_at + 3u * i] = whole_row;
    energies[sizes.energies_at + 3u * i + 1u] = spanned;
    energies[sizes.energies_at + 3u * i + 2u] = missed_row;
  }
}
