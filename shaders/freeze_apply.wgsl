// freeze_apply: value = sign(v)·max(|v| − σ(s), 0) for every element of the ranges, if nonZeros ≤ enough
// shapes   tables f32[*]   thresholds, ranges: see freeze_range   nonZeros u32[1]
// dispatch one thread per element of the ranges
// races    none: every thread writes its own element
#include "freeze_range.wgsl"
@group(0) @binding(3) var<storage, read> non_zeros: array<u32>;
@group(0) @binding(4) var<storage, read_write> tables: array<f32>;
#include "step.wgsl"
#include "group.wgsl"

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
  tables[at] = shrink(tables[at], threshold_at(range));
}
