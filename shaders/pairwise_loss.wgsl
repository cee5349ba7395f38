// pairwise_loss: −log σ(s⁺ − s⁻) and its gradient, of groups of a positive and its negatives; both 0 after the last whole group
// shapes   prediction, dPrediction f32[batch, 1]   exampleLoss f32[batch]
// dispatch one thread per example; that of a positive also sums over the negatives of its group, in order
// races    none: every thread writes its own elements
// source   Rendle et al. 2009, BPR: Bayesian personalized ranking from implicit feedback
struct Sizes {
  batch: u32,
  negatives: u32,
  prediction_at: u32,
  d_prediction_at: u32,
  example_loss_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_prediction: array<f32>;
@group(0) @binding(3) var<storage, read_write> example_loss: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "log_loss.wgsl"

override THREADS: u32 = 64u;

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
  let examples = 1u + sizes.negatives;
  let whole = current.count / examples;
  if (b < whole * examples) {
    let positive = b - b % examples;
    let best = prediction[sizes.prediction_at + positive];
    let pairs = f32(whole * sizes.negatives);
    if (b == positive) {
      for (var other = b + 1u; other < b + examples; other++) {
        gradient -= sigmoid(prediction[sizes.prediction_at + other] - best);
      }
      gradient /= pairs;
    } else {
      let z = prediction[sizes.prediction_at + b] - best;
      value = f32(examples) / f32(sizes.negatives) * log_loss(z, 0.0);
      gradient = sigmoid(z) / pairs;
      // WGSL may compute as if NaN and Inf did not exist; a diverged run must show as one.
      if (!is_finite(z)) { value = bitcast<f32>(bitcast<u32>(z) | 0x7fc00000u); }
    }
  }
  example_loss[sizes.example_loss_at + b] = value;
  d_prediction[sizes.d_prediction_at + b] = gradient;
}
