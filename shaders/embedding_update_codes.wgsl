// embedding_update_codes: sums the gradients of each row of the batch in the order of the row index, and moves that row's
//          codes and scale
// shapes   read: see embedding_segment   records u32[rows, record words]   state: see optimizer_*.wgsl
// dispatch see segments_short, and segments_long for the rows with many lookups in the batch; a lane has a word of codes or several
// races    none: a segment is the only one of its row, and each word of it has one thread
#include "embedding_segment.wgsl"
#include "segments_$segments.wgsl"
@group(0) @binding(6) var<storage, read_write> records: array<u32>;
#include "optimizer_$optimizer.wgsl"
#include "random.wgsl"
#include "codes.wgsl"
#include "embedding_move_codes.wgsl"

override LANES: u32 = 4u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % LANES;
  let segment = segment_of(group_index(group, groups), local);
  let per_word = 32u / BITS;
  var gradients: array<f32, MAX_ELEMENTS>;
  for (var i = 0u; i < MAX_ELEMENTS; i++) {
    let first_word = i / per_word * LANES;
    if (first_word * per_word < segment.dim) {
      gradients[i] = row_gradient(segment, local, (first_word + lane) * per_word + i % per_word);
    }
  }
  move_codes(segment, select(0u, segment.dim, moves_row(local)), local, lane, &gradients);
}
