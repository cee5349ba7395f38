// segments_short: a segment for LANES threads side by side on the elements of its row (included)
// shapes   given by embedding_segment
// dispatch LANES threads per segment; those longer than long_segment are left to segments_long
// races    none: a segment is the only one of its row, and a lane sums its own elements in order
override THREADS: u32 = 64u;

fn segment_of(group: u32, local: u32) -> Segment {
  let index = group * (THREADS / LANES) + local / LANES;
  var segment: Segment;
  if (index < current.segments) { segment = segment_at(index); }
  if (segment.end - segment.first > sizes.long_segment) { segment.dim = 0u; }
  return segment;
}

// Element j of the row's gradient; 0 past dim.
fn row_gradient(segment: Segment, local: u32, j: u32) -> f32 {
  if (j >= segment.dim) { return 0.0; }
  return gradient_sum(segment, segment.first, 1u, j);
}

// Whether the thread is the one of its lane that moves the row.
fn moves_row(local: u32) -> bool { return true; }
