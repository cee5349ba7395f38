// embedding_update: sums the gradients of each row of the batch in the order of the row index, and moves that row only
// shapes   read: see embedding_segment   values f32[table elements]   state: see optimizer_*.wgsl
// dispatch see segments_short, and segments_long for the rows with many lookups in the batch
// races    none: a segment is the only one of its row, and each element of it has one thread
#include "embedding_segment.wgsl"
#include "segments_$segments.wgsl"
@group(0) @binding(6) var<storage, read_write> values: array<f32>;
#include "optimizer_$optimizer.wgsl"
#include "update_value.wgsl"

override LANES: u32 = 16u;
var<workgroup> squares: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % LANES;
  let segment = segment_of(group_index(group, groups), local);
  var gradient = 0.0;
  var scale = 1.0;
  if (ROW_STATE) {
    var square = 0.0;
    for (var first = 0u; first < segment.dim; first += LANES) {
      gradient = row_gradient(segment, local, first + lane);
      square += gradient * gradient;
    }
    squares[local] = square;
    workgroupBarrier();
    if (lane == 0u && segment.dim > 0u && moves_row(local)) {
      var total = 0.0;
      for (var i = 0u; i < LANES; i++) { total += squares[local + i]; }
      squares[local] = row_scale(segment.row, total / f32(segment.dim));
    }
    workgroupBarrier();
    scale = squares[local - lane];
  }
  for (var first = 0u; first < segment.dim; first += LANES) {
    let j = first + lane;
    // Of a row no wider than the lanes it is there already.
    if (!ROW_STATE || segment.dim > LANES) { gradient = row_gradient(segment, local, j); }
    if (j < segment.dim && moves_row(local)) { update(segment.element + j, gradient, scale); }
  }
}
