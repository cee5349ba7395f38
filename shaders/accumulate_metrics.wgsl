// accumulate_metrics: sums[metricSlot, :] = Σ loss, Σ correct at ½, Σ prediction (probability or score),
//          Σ squared error of it; with log loss also histogram[label, ⌊probability·bins⌋] += 1. Examples b < count.
// shapes   labels f32[slots, batch]   prediction f32[batch, 1]   exampleLoss f32[batch]
//          sums f32[slots, 4]   histogram u32[2, bins]
// dispatch one workgroup of 256 threads
// races    sums: none, each thread sums every 256th example in order, then a fixed tree;
//          histogram: atomicAdd of integers, the same counts in any order
struct Sizes {
  batch: u32,
  bins: u32,
  prediction_at: u32,
  example_loss_at: u32,
  sums_at: u32,
  histogram_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> labels: array<f32>;
@group(0) @binding(2) var<storage, read> prediction: array<f32>;
@group(0) @binding(3) var<storage, read> example_loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> histogram: array<atomic<u32>>;
#include "step.wgsl"
#include "log_loss.wgsl"
#include "workgroup_sum.wgsl"

const THREADS = 256u;
override LOG_LOSS: bool = true;
alias Sum = vec4f;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32) {
  var sum = vec4f();
  for (var b = local; b < current.count; b += THREADS) {
    let y = labels[current.slot * sizes.batch + b];
    var p = prediction[sizes.prediction_at + b];
    var correct = 0.0;
    if (LOG_LOSS) {
      p = sigmoid(p);
      correct = select(0.0, 1.0, (p >= 0.5) == (y >= 0.5));
      let bin = min(u32(p * f32(sizes.bins)), sizes.bins - 1u);
      atomicAdd(&histogram[sizes.histogram_at + select(0u, sizes.bins, y >= 0.5) + bin], 1u);
    }
    sum += vec4f(example_loss[sizes.example_loss_at + b], correct, p, (p - y) * (p - y));
  }
  let total = workgroup_sum(sum, local);
  if (local == 0u) {
    let at = sizes.sums_at + current.metric_slot * 4u;
    for (var i = 0u; i < 4u; i++) { sums[at + i] = total[i]; }
  }
}
