// freeze_apply: value = sign(v)·max(|v| − σ(s), 0) for every element of the ranges, if nonZeros ≤ enough
// shapes   tables f32[*]   thresholds f32[ranges]: s/rate   nonZeros u32[1]
//          ranges u32[ranges, 2] (in constants): elements of the ranges before it, offset in tables
// dispatch one thread per element of the ranges
// races    none: every thread writes its own element
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
@group(0) @binding(3) var<storage, read> non_zeros: array<u32>;
@group(0) @binding(4) var<storage, read_write> tables: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "threshold.wgsl"
#include "freeze_range.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements || non_zeros[sizes.non_zeros_at] > current.enough) { return; }
  let range = range_of(i);
  let at = element_of(range, i);
  tables[at] = shrink(tables[at], threshold_of(sizes.rate * thresholds[sizes.thresholds_at + range]));
}
