// prune_zero: value = 0 where the bits of its magnitude are at most those selected
// shapes   values f32[elements], as bits   selection u32[2]: the bits of the largest magnitude that goes
// dispatch one thread per value
// races    none: every thread writes its own value
struct Sizes {
  elements: u32,
  values_at: u32,
  selection_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> selection: array<u32>;
@group(0) @binding(2) var<storage, read_write> values: array<u32>;
#include "group.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  let at = sizes.values_at + i;
  if ((values[at] & 0x7fffffffu) <= selection[sizes.selection_at]) { values[at] = 0u; }
}
