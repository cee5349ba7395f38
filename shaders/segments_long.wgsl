// segments_long: a segment for a workgroup: LANES elements of its row × THREADS/LANES shares of the occurrences (included)
// shapes   given by embedding_segment; long u32[train slots, long_stride]: the segments with more than long_segment occurrences
// dispatch one workgroup per long segment; all of its threads call row_gradient, which has barriers
// races    none: a segment is the only one of its row; shares are summed in order, then by a fixed tree
@group(0) @binding(7) var<storage, read> long: array<u32>;
override THREADS: u32 = 256u;
var<workgroup> share_sums: array<f32, THREADS>;

fn segment_of(group: u32, local: u32) -> Segment {
  if (group >= current.long_segments) { return Segment(); }
  return segment_at(long[current.slot * sizes.long_stride + group]);
}

// Element j of the row's gradient, for every thread of the lane; 0 past dim.
fn row_gradient(segment: Segment, local: u32, j: u32) -> f32 {
  let share = local / LANES;
  var sum = 0.0;
  if (j < segment.dim) { sum = gradient_sum(segment, segment.first + share, THREADS / LANES, j); }
  workgroupBarrier();
  share_sums[local] = sum;
  for (var half = THREADS / LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (share < half) { share_sums[local] += share_sums[local + half * LANES]; }
  }
  workgroupBarrier();
  return share_sums[local % LANES];
}

// Whether the thread is the one of its lane that moves the row.
fn moves_row(local: u32) -> bool { return local < LANES; }
