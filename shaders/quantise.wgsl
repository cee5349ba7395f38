// quantise: q = clip(⌊(x/deviation − 1e-6)·K/6⌋ + K/2, 0, K − 1), K = 2^BITS, and with RELU x = max(x, 0). Where 0 < x/deviation ≤ 1e-6
//          the paper's q says that x is not above 0; here it says that it is, so that masks are exact
// shapes   values f32[elements]   codes u32[⌈elements·BITS/32⌉], 32/BITS a word from its lowest bits up   deviations f32[groups]
//          groups u32[columns] (in constants): the group of every column
// dispatch one thread per word of codes
// races    none: every thread writes its own word and its own elements
// source   Chakrabarti & Moseley 2019, arXiv 1901.07988, §3
struct Sizes {
  words: u32,
  elements: u32,
  columns: u32,
  groups_at: u32,
  values_at: u32,
  codes_at: u32,
  deviations_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> deviations: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;
@group(0) @binding(4) var<storage, read_write> codes: array<u32>;
#include "group.wgsl"

override THREADS: u32 = 64u;
override BITS: u32 = 8u;
override RELU: bool = true;
override GROUPED: bool = false; // there is more than one group

// Bins in a deviation; without a spread so far every x is in the bin at 0.
fn scale_of(group: u32) -> f32 {
  let deviation = deviations[sizes.deviations_at + group];
  return select(0.0, f32(1u << BITS) / 6.0 / deviation, deviation > 0.0);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = group_index(workgroup, workgroups) * THREADS + local;
  if (index >= sizes.words) { return; }
  let half = f32(1u << (BITS - 1u));
  let guard = 1e-6 * half / 3.0;
  let in_word = 32u / BITS;
  let first = index * in_word;
  var scale = scale_of(0u);
  var word = 0u;
  for (var k = 0u; k < min(in_word, sizes.elements - first); k++) {
    let i = first + k;
    if (GROUPED) { scale = scale_of(constants[sizes.groups_at + i % sizes.columns]); }
    let x = values[sizes.values_at + i];
    let bin = floor(x * scale - guard);
    let middle = select(clamp(bin, -half, -1.0), clamp(bin, 0.0, half - 1.0), x > 0.0);
    word |= u32(middle + half) << (k * BITS);
    if (RELU) { values[sizes.values_at + i] = max(x, 0.0); }
  }
  codes[sizes.codes_at + index] = word;
}
