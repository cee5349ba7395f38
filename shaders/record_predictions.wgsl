// record_predictions: predictions[metricSlot, b] = prediction[b]
// shapes   prediction f32[batch, 1]   predictions f32[slots, batch]
// dispatch one thread per example
// races    none: every thread writes its own element
struct Sizes {
  batch: u32,
  prediction_at: u32,
  predictions_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read_write> predictions: array<f32>;
#include "step.wgsl"
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
  predictions[sizes.predictions_at + current.metric_slot * sizes.batch + b] = prediction[sizes.prediction_at + b];
}
