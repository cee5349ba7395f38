// soft_threshold_backward: per part dGathered[b, slot + j] = dVectors[b, field, j] where |v| > σ(s), otherwise 0;
//          dThresholds[p] = rate·(decay·s − σ'(s)·Σ dVectors·sign(v)) over the same elements, 0 where σ(s) = 0
// shapes   gathered, dGathered f32[batch, width]   dVectors f32[batch, fields, D]   thresholds, dThresholds f32[parts]
//          parts u32[parts, 3] (in constants): field, first lookup, lookups
// dispatch one workgroup of 256 threads per part
// races    none: a thread writes its own elements; sums meet in a fixed tree
// source   Liu et al. 2021, arXiv 2101.07577
struct Sizes {
  batch: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  d_vectors_at: u32,
  d_gathered_at: u32,
  thresholds_at: u32,
  d_thresholds_at: u32,
  rate: f32,
  decay: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(4) var<storage, read> thresholds: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_gathered: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_thresholds: array<f32>;
#include "threshold.wgsl"
#include "workgroup_sum.wgsl"

const THREADS = 256u;
alias Sum = f32;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = group.x;
  let part = sizes.parts_at + p * 3u;
  let slot = constants[sizes.lookups_at + constants[part + 1u] * 4u + 2u];
  let logit = sizes.rate * thresholds[sizes.thresholds_at + p];
  let threshold = threshold_of(logit);
  let D = sizes.base_dim;
  var along = 0.0;
  for (var i = local; i < sizes.batch * D; i += THREADS) {
    let b = i / D;
    let j = i % D;
    let at = b * sizes.width + slot + j;
    let value = gathered[sizes.gathered_at + at];
    var gradient = d_vectors[sizes.d_vectors_at + (b * sizes.fields + constants[part]) * D + j];
    if (abs(value) <= threshold) { gradient = 0.0; }
    d_gathered[sizes.d_gathered_at + at] = gradient;
    along += gradient * sign(value);
  }
  let total = workgroup_sum(along, local);
  if (local == 0u) {
    let slope = threshold * (1.0 - threshold);
    let gradient = sizes.rate * (sizes.decay * logit - slope * total);
    d_thresholds[sizes.d_thresholds_at + p] = select(gradient, 0.0, threshold == 0.0);
  }
}
