// loss: exampleLoss[b] and dPrediction[b] = ∂(mean over count)/∂prediction; both 0 at and after count
// shapes   labels f32[slots, batch]   prediction, dPrediction f32[batch, 1]   exampleLoss f32[batch]
// dispatch one thread per example
// races    none: every thread writes its own elements
struct Sizes {
  batch: u32,
  prediction_at: u32,
  d_prediction_at: u32,
  example_loss_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> labels: array<f32>;
@group(0) @binding(2) var<storage, read> prediction: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_prediction: array<f32>;
@group(0) @binding(4) var<storage, read_write> example_loss: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "log_loss.wgsl"

override THREADS: u32 = 64u;
override LOG_LOSS: bool = true; // otherwise (prediction − label)²

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let b = group_index(group, groups) * THREADS + local;
  if (b >= sizes.batch) { return; }
  var value = 0.0;
  var gradient = 0.0;
  if (b < current.count) {
    let z = prediction[sizes.prediction_at + b];
    let y = labels[current.slot * sizes.batch + b];
    let count = f32(current.count);
    if (LOG_LOSS) {
      value = log_loss(z, y);
      gradient = (sigmoid(z) - y) / count;
    } else {
      value = (z - y) * (z - y);
      gradient = 2.0 * (z - y) / count;
    }
    // WGSL may compute as if NaN and Inf did not exist; a diverged run must show as one.
    if (!is_finite(z)) { value = bitcast<f32>(bitcast<u32>(z) | 0x7fc00000u); }
  }
  example_loss[sizes.example_loss_at + b] = value;
  d_prediction[sizes.d_prediction_at + b] = gradient;
}
