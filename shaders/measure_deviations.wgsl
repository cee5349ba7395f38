// measure_deviations: out[group, part] = mean of the group's columns over the part-th of `parts` equal shares of their
//          elements, and the sum of squared differences from it, in one pass: of differences from the share's first
//          element, which is near enough to the mean for float32. Rows of the examples that count
// shapes   values f32[rows, columns]   groups u32[groups, 2] (in constants): first column, columns   out f32[groups, parts, 2]
// dispatch one workgroup of 64 threads per (group, part)
// races    none: each thread sums every 64th element in order, then a fixed tree
struct Sizes {
  parts: u32,
  columns: u32,
  example_rows: u32, // rows of an example
  groups_at: u32,
  values_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "share.wgsl"
#include "workgroup_sum.wgsl"

override WHOLE: bool = false; // the group's columns are all there are
const THREADS = 64u;
alias Sum = vec2f;

// Of the e-th element of a group that begins at `first`.
fn element_at(first: u32, width: u32, e: u32) -> u32 {
  if (WHOLE) { return first + e; }
  return first + e / width * sizes.columns + e % width;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = group_index(workgroup, workgroups);
  let at = sizes.groups_at + index / sizes.parts * 2u;
  let first = sizes.values_at + constants[at];
  let width = constants[at + 1u];
  let own = share_of(current.count * sizes.example_rows * width, sizes.parts, index % sizes.parts);
  let middle = values[element_at(first, width, own.x)];
  var sum = vec2f();
  for (var e = own.x + local; e < own.y; e += THREADS) {
    let difference = values[element_at(first, width, e)] - middle;
    sum += vec2f(difference, difference * difference);
  }
  let total = workgroup_sum(sum, local);
  if (local == 0u) {
    let mean = total.x / max(1.0, f32(own.y - own.x));
    out[index * 2u] = middle + mean;
    out[index * 2u + 1u] = max(0.0, total.y - total.x * mean);
  }
}
