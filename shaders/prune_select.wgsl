// prune_select: selects the digit whose values cannot all stay beside those of the digits above it,
//          and clears the histogram for the next one
// shapes   histogram u32[2048]   selection u32[2]: bits selected, how many more may stay
// dispatch one workgroup of 256 threads
// races    none: a thread sums its own bins, one thread selects, and they are cleared behind a barrier
struct Sizes {
  selection_at: u32,
  histogram_at: u32,
  shift: u32, // of the digit
  bins: u32, // values of the digit, a multiple of 256
  first: u32, // 1: the highest digit, where selection starts
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> histogram: array<u32>;
@group(0) @binding(2) var<storage, read_write> selection: array<u32>;
#include "step.wgsl"

const THREADS = 256u;
var<workgroup> sums: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32) {
  let share = sizes.bins / THREADS;
  let mine = sizes.histogram_at + local * share;
  var sum = 0u;
  for (var i = 0u; i < share; i++) { sum += histogram[mine + i]; }
  sums[local] = sum;
  workgroupBarrier();
  if (local == 0u) {
    var bits = 0u;
    var left = current.keep;
    if (sizes.first == 0u) {
      bits = selection[sizes.selection_at];
      left = selection[sizes.selection_at + 1u];
    }
    var chunk = THREADS - 1u;
    while (chunk > 0u && sums[chunk] <= left) {
      left -= sums[chunk];
      chunk--;
    }
    var bin = chunk * share + share - 1u;
    while (bin > 0u && histogram[sizes.histogram_at + bin] <= left) {
      left -= histogram[sizes.histogram_at + bin];
      bin--;
    }
    selection[sizes.selection_at] = bits | (bin << sizes.shift);
    selection[sizes.selection_at + 1u] = left;
  }
  storageBarrier();
  for (var i = 0u; i < share; i++) { histogram[mine + i] = 0u; }
}
