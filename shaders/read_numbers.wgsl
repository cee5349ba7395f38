// read_numbers: out[b, c] = numbers[slot, b, c] for b < count, else 0
// shapes   numbers f32[slots, batch, columns]   out f32[batch, columns]
// dispatch one thread per element of out
// races    none: every thread writes its own element
struct Sizes {
  elements: u32, // batch·columns
  columns: u32,
  out_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> numbers: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
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
  if (i >= sizes.elements) { return; }
  var value = 0.0;
  if (i < current.count * sizes.columns) { value = numbers[current.slot * sizes.elements + i]; }
  out[sizes.out_at + i] = value;
}
