// freeze_range: the range that an element of all ranges is in, and where that element lies (included)
// shapes   ranges u32[ranges, 2] (in constants): elements of the ranges before it, offset in tables
// dispatch none: functions only
// races    none: read only

// The last range that begins at or before element i: bisection.
fn range_of(i: u32) -> u32 {
  var low = 0u;
  var high = sizes.ranges;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (constants[sizes.ranges_at + 2u * middle] <= i) { low = middle; } else { high = middle; }
  }
  return low;
}

fn element_of(range: u32, i: u32) -> u32 {
  let at = sizes.ranges_at + 2u * range;
  return constants[at + 1u] + i - constants[at];
}
