// prune_histogram: histogram[digit] += 1 for every value whose magnitude has the higher digits selected so far
// shapes   values f32[elements]   selection u32[2]: bits selected, how many more may stay   histogram u32[2048]
// dispatch one workgroup of 256 threads per 8,192 values
// races    atomicAdd of integers, in workgroup memory first: the same counts in any order
struct Sizes {
  elements: u32,
  values_at: u32,
  selection_at: u32,
  histogram_at: u32,
  shift: u32, // of the digit
  bins: u32, // values of the digit, a power of two
  above: u32, // shift of the next higher digit; 31: there is none
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> values: array<u32>;
@group(0) @binding(2) var<storage, read> selection: array<u32>;
@group(0) @binding(3) var<storage, read_write> histogram: array<atomic<u32>>;
#include "group.wgsl"

const THREADS = 256u;
const VALUES_PER_THREAD = 32u;
const MAX_BINS = 2048u;
var<workgroup> counts: array<atomic<u32>, MAX_BINS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  for (var bin = local; bin < sizes.bins; bin += THREADS) { atomicStore(&counts[bin], 0u); }
  workgroupBarrier();
  let selected = selection[sizes.selection_at] >> sizes.above;
  let first = group_index(group, groups) * THREADS * VALUES_PER_THREAD + local;
  for (var k = 0u; k < VALUES_PER_THREAD; k++) {
    let i = first + k * THREADS;
    if (i < sizes.elements) {
      let magnitude = values[sizes.values_at + i] & 0x7fffffffu;
      // The highest digit has nothing above it: both sides are 0.
      if (magnitude >> sizes.above == selected) {
        atomicAdd(&counts[(magnitude >> sizes.shift) & (sizes.bins - 1u)], 1u);
      }
    }
  }
  workgroupBarrier();
  for (var bin = local; bin < sizes.bins; bin += THREADS) {
    let count = atomicLoad(&counts[bin]);
    if (count > 0u) { atomicAdd(&histogram[sizes.histogram_at + bin], count); }
  }
}
