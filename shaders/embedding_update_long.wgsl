// embedding_update_long: embedding_update for the rows with more than long_segment lookups in the batch
// shapes   as embedding_update; long u32[train slots, long_stride]: the segments concerned
// dispatch one workgroup per long segment: LANES elements × THREADS/LANES shares of the occurrences
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
  values_at: u32,
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
@group(0) @binding(6) var<storage, read_write> values: array<f32>;
@group(0) @binding(7) var<storage, read> long: array<u32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"
#include "embedding_segment.wgsl"
#include "optimizer_$optimizer.wgsl"
#include "update_value.wgsl"

override THREADS: u32 = 256u;
override LANES: u32 = 16u;
var<workgroup> sums: array<f32, THREADS>;

// Element j0 + lane of the whole segment's gradient, for every thread of the lane.
fn lane_sum(segment: Segment, local: u32, j0: u32) -> f32 {
  let j = j0 + local % LANES;
  let share = local / LANES;
  var sum = 0.0;
  if (j < segment.dim) { sum = gradient_sum(segment, segment.first + share, THREADS / LANES, j); }
  workgroupBarrier();
  sums[local] = sum;
  for (var half = THREADS / LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (share < half) { sums[local] += sums[local + half * LANES]; }
  }
  workgroupBarrier();
  return sums[local % LANES];
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
  var gradient = 0.0;
  var scale = 1.0;
  if (ROW_STATE) {
    var square = 0.0;
    for (var j0 = 0u; j0 < segment.dim; j0 += LANES) {
      gradient = lane_sum(segment, local, j0);
      square += gradient * gradient; // 0 past dim
    }
    workgroupBarrier();
    sums[local] = square;
    workgroupBarrier();
    if (local == 0u) {
      var total = 0.0;
      for (var i = 0u; i < LANES; i++) { total += sums[i]; }
      sums[0] = row_scale(segment.row, total / f32(segment.dim));
    }
    workgroupBarrier();
    scale = sums[0];
  }
  for (var j0 = 0u; j0 < segment.dim; j0 += LANES) {
    if (!ROW_STATE || segment.dim > LANES) { gradient = lane_sum(segment, local, j0); }
    if (local < LANES && j0 + lane < segment.dim) { update(segment.element + j0 + lane, gradient, scale); }
  }
}
