// freeze_count: nonZeros += elements of the ranges whose magnitude is above their threshold
// shapes   tables f32[*]   thresholds, ranges: see freeze_range   nonZeros u32[1]
// dispatch one thread per 32 elements of the ranges, 256 a workgroup
// races    atomicAdd of integers: the same count in any order
#include "freeze_range.wgsl"
@group(0) @binding(3) var<storage, read> tables: array<f32>;
@group(0) @binding(4) var<storage, read_write> non_zeros: array<atomic<u32>>;
#include "group.wgsl"

const THREADS = 256u;
const PER_THREAD = 32u;
var<workgroup> counted: atomic<u32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let first = group_index(group, groups) * THREADS * PER_THREAD + local;
  var count = 0u;
  for (var k = 0u; k < PER_THREAD; k++) {
    let i = first + k * THREADS;
    if (i < sizes.elements) {
      let range = range_of(i);
      let threshold = threshold_at(range);
      if (abs(tables[element_of(range, i)]) > threshold) { count++; }
    }
  }
  atomicAdd(&counted, count);
  workgroupBarrier();
  if (local == 0u) { atomicAdd(&non_zeros[sizes.non_zeros_at], atomicLoad(&counted)); }
}
