// embedding_segment: the row that a segment of the plan updates, and where its gradients lie (included)
// shapes   ids u32[slots, batch, fields]   occurrences u32[train slots, lookups]   starts u32[train slots, lookups + 1]
//          dStored f32[batch, width]
// dispatch none: functions only
// races    none: read only
struct Segment {
  first: u32, // occurrences first … end − 1 of the slot's plan
  end: u32,
  dim: u32,
  row: u32, // in per-row state
  element: u32, // of the row's first value
  gradient: u32, // d_stored[gradient + example·width + j]
}

fn segment_at(index: u32) -> Segment {
  let at = current.slot * (sizes.lookups + 1u) + index;
  let first = starts[at];
  let lookup = occurrences[current.slot * sizes.lookups + first];
  let field = lookup % sizes.fields;
  let id = ids[current.slot * sizes.lookups + lookup];
  let block = block_at(block_of(field, id));
  let row = id - block.first_id;
  return Segment(
    first, starts[at + 1u], block.dim,
    block.first_row + row, block.table + row * block.dim, sizes.d_stored_at + slot_offset(field),
  );
}

// Σ of element j of every stride-th gradient of the segment, from occurrence `begin`, in order.
fn gradient_sum(segment: Segment, begin: u32, stride: u32, j: u32) -> f32 {
  let plan = current.slot * sizes.lookups;
  var sum = 0.0;
  for (var k = begin; k < segment.end; k += stride) {
    let example = occurrences[plan + k] / sizes.fields;
    sum += d_stored[segment.gradient + example * sizes.width + j];
  }
  return sum;
}
