// embedding_update_codes: sums the gradients of each row of the batch in plan order and moves that row's codes and scale;
//          segments longer than long_segment are left to embedding_update_codes_long
// shapes   constants u32[*]   rows, or ids   occurrences, starts: the plan   dGathered f32[batch, width]
//          records u32[rows, stride], state: see optimizer_*.wgsl
// dispatch LANES threads per segment, a word of codes each or several
// races    none: a segment is the only one of its row; each lane owns its words and sums them in order
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
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"
#include "embedding_segment.wgsl"
#include "optimizer_$optimizer.wgsl"
#include "random.wgsl"
#include "codes.wgsl"
#include "embedding_move_codes.wgsl"

override THREADS: u32 = 64u;
override LANES: u32 = 4u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % LANES;
  let index = group_index(group, groups) * (THREADS / LANES) + local / LANES;
  var segment: Segment;
  if (index < current.segments) { segment = segment_at(index); }
  let mine = segment.end - segment.first <= sizes.long_segment;
  let dim = select(0u, segment.dim, mine);
  let per_word = 32u / BITS;
  var gradients: array<f32, HELD>;
  for (var i = 0u; i < HELD; i++) {
    let j = (lane + i / per_word * LANES) * per_word + i % per_word;
    if (j < dim) { gradients[i] = gradient_sum(segment, segment.first, 1u, j); }
  }
  move_codes(segment, dim, local, lane, &gradients);
}
