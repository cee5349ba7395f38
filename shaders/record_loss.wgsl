// record_loss: losses[metricSlot] = Σ_b exampleLoss[b] / count
// shapes   exampleLoss f32[batch]   losses f32[slots]
// dispatch one workgroup of 256 threads
// races    none: each thread sums every 256th example in order, then a fixed tree
struct Sizes {
  example_loss_at: u32,
  losses_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> example_loss: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
#include "step.wgsl"
#include "workgroup_sum.wgsl"

const THREADS = 256u;
alias Sum = f32;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var b = local; b < current.count; b += THREADS) { sum += example_loss[sizes.example_loss_at + b]; }
  let total = workgroup_sum(sum, local);
  if (local == 0u && current.count > 0u) {
    losses[sizes.losses_at + current.metric_slot] = total / f32(current.count);
  }
}
