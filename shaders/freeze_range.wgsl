// freeze_range: the range that an element of all ranges is in, where that element lies, and its threshold (included)
// shapes   ranges u32[ranges, 2] (in constants): elements of the ranges before it, offset in tables
//          thresholds f32[ranges]: s/rate
// dispatch none: functions only
// races    none: read only
struct Sizes {
  elements: u32, // of all ranges
  ranges: u32,
  ranges_at: u32,
  thresholds_at: u32,
  non_zeros_at: u32,
  rate: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> thresholds: array<f32>;
#include "threshold.wgsl"

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

fn threshold_at(range: u32) -> f32 {
  return threshold_of(sizes.rate * thresholds[sizes.thresholds_at + range]);
}
