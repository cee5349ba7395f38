// freeze_finish: thresholds = FROZEN_LOGIT/rate if nonZeros ≤ enough; nonZeros = 0
// shapes   thresholds f32[ranges]: s/rate   nonZeros u32[1]
// dispatch one workgroup of 256 threads
// races    none: every thread writes its own thresholds, one clears the count behind a barrier
struct Sizes {
  ranges: u32,
  thresholds_at: u32,
  non_zeros_at: u32,
  rate: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> thresholds: array<f32>;
@group(0) @binding(2) var<storage, read_write> non_zeros: array<u32>;
#include "step.wgsl"
#include "threshold.wgsl"

const THREADS = 256u;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32) {
  if (non_zeros[sizes.non_zeros_at] <= current.enough) {
    for (var p = local; p < sizes.ranges; p += THREADS) {
      thresholds[sizes.thresholds_at + p] = FROZEN_LOGIT / sizes.rate;
    }
  }
  storageBarrier();
  if (local == 0u) { non_zeros[sizes.non_zeros_at] = 0u; }
}
