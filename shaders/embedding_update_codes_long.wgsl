// embedding_update_codes_long: embedding_update_codes for the rows with more than long_segment lookups in the batch
// shapes   as embedding_update_codes; long u32[train slots, long_stride]: the segments concerned
// dispatch one workgroup per long segment: LANES words × THREADS/LANES shares of the occurrences
// races    none: a segment is the only one of its row; shares are summed in order, then by a fixed tree
struct Sizes {
  width: u32,
  lookups: u32,
  batch_lookups: u32, // batch·lookups
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  long_segment: u32,
  long_stride: u32, // long segments of a plan at most
  lookups_at: u32,
  blocks_at: u32,
  d_gathered_at: u32,
  stride: u32, // words of a record
  seed: u32,
  epsilon: f32,
  beta1: f32,
  one_minus_beta1: f32,
  beta2: f32,
  one_minus_beta2: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> occurrences: array<u32>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read> d_gathered: array<f32>;
@group(0) @binding(6) var<storage, read_write> records: array<u32>;
@group(0) @binding(7) var<storage, read> long: array<u32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"
#include "embedding_segment.wgsl"
#include "optimizer_$optimizer.wgsl"
#include "random.wgsl"
#include "codes.wgsl"
#include "embedding_move_codes.wgsl"

override THREADS: u32 = 256u;
override LANES: u32 = 4u;

// Element j of the whole segment's gradient, for every thread of the lane.
fn segment_sum(segment: Segment, local: u32, j: u32) -> f32 {
  let share = local / LANES;
  var sum = 0.0;
  if (j < segment.dim) { sum = gradient_sum(segment, segment.first + share, THREADS / LANES, j); }
  workgroupBarrier();
  shared_sums[local] = sum;
  for (var half = THREADS / LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (share < half) { shared_sums[local] += shared_sums[local + half * LANES]; }
  }
  workgroupBarrier();
  return shared_sums[local % LANES];
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = group_index(group, groups);
  if (index >= current.long_segments) { return; }
  let segment = segment_at(long[current.slot * sizes.long_stride + index]);
  if (segment.dim == 0u) { return; }
  let lane = local % LANES;
  let per_word = 32u / BITS;
  var gradients: array<f32, HELD>;
  for (var i = 0u; i < HELD; i++) {
    if (i / per_word * LANES * per_word < segment.dim) {
      gradients[i] = segment_sum(segment, local, (lane + i / per_word * LANES) * per_word + i % per_word);
    }
  }
  move_codes(segment, select(0u, segment.dim, local < LANES), local, lane, &gradients);
}
