// embedding_segment: what the updates of embeddings read, and the row that a segment of the row index stands for (included)
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   dGathered f32[batch, width]
//          occurrences u32[train slots, batch·lookups]   starts u32[train slots, batch·lookups + 1]
// dispatch none: functions only
// races    none: read only
struct Sizes {
  width: u32,
  lookups: u32,
  batch_lookups: u32, // batch·lookups
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  long_segment: u32,
  long_stride: u32, // long segments of a slot at most
  lookups_at: u32,
  blocks_at: u32,
  d_gathered_at: u32,
  values_at: u32, // of floats
  record_words: u32, // of codes
  seed: u32, // of codes
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
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"

override SHARED_SPACES: bool = true; // lookups with different slots may meet in a segment

struct Segment {
  first: u32, // occurrences first … end − 1 of the slot
  end: u32,
  slot: u32, // of its first lookup
  dim: u32, // 0: there is nothing to do, as where the layout does not hold the lookup
  row: u32, // in per-row state
  element: u32, // of the row's first value
}

fn segment_at(index: u32) -> Segment {
  let at = current.slot * (sizes.batch_lookups + 1u) + index;
  let first = starts[at];
  let occurrence = occurrences[current.slot * sizes.batch_lookups + first];
  let lookup = occurrence % sizes.lookups;
  if (!is_held(lookup)) { return Segment(first, starts[at + 1u], 0u, 0u, 0u, 0u); }
  let located = rows[current.slot * sizes.row_stride + occurrence];
  let block = block_at(block_of(lookup, located));
  let row = located - block.first_id;
  let element = block.table + row * block.dim;
  return Segment(first, starts[at + 1u], slot_offset(lookup), block.dim, block.first_row + row, element);
}

// Σ of element j of every stride-th gradient of the segment, from occurrence `begin`, in order.
fn gradient_sum(segment: Segment, begin: u32, stride: u32, j: u32) -> f32 {
  let slot_start = current.slot * sizes.batch_lookups;
  let at = sizes.d_gathered_at + j;
  let lookups = sizes.lookups;
  let width = sizes.width;
  var sum = 0.0;
  for (var k = begin; k < segment.end; k += stride) {
    let occurrence = occurrences[slot_start + k];
    var slot = segment.slot;
    if (SHARED_SPACES) { slot = slot_offset(occurrence % lookups); }
    sum += d_gathered[at + occurrence / lookups * width + slot];
  }
  return sum;
}
