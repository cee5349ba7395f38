// count_sketch: sketch[b, :] = Σ ±table[i, :] over the rows i of bucket b, and weighted[b, :] the same of factors[i]·table[i, :]
// shapes   table f32[rows, columns]   sketch f32[sketch_rows, columns]   if WEIGHS: factors f32[rows], weighted as sketch
// dispatch one thread per bucket and 4 columns
// races    none: a thread adds up its own elements, in a fixed order. Buckets are parts of a permutation of the rows
//          (src/analysis/countSketch.ts), so that a thread computes its rows: no lists, no sorting, no atomics
// source   Clarkson & Woodruff 2013, arXiv 1207.6365
struct Sizes {
  rows: u32,
  columns: u32,
  quads: u32, // ⌈columns / 4⌉
  sketch_rows: u32,
  places: u32, // 2^bits
  bits: u32,
  seed: u32,
  sign_key: u32,
  table_at: u32,
  sketch_at: u32,
  factors_at: u32,
  weighted_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> sketch: array<f32>;
@group(0) @binding(4) var<storage, read_write> weighted: array<f32>;
#include "group.wgsl"
#include "permute.wgsl"

override THREADS: u32 = 64u;
override WEIGHS: bool = true;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let item = group_index(group, groups) * THREADS + local;
  let bucket = item / sizes.quads;
  if (bucket >= sizes.sketch_rows) { return; }
  let first = (item % sizes.quads) * 4u;
  // Beyond the last column the last one is read again, and not written.
  let column = min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.columns - 1u));
  let rows = permutation(sizes.seed, sizes.bits);
  var sum = vec4f();
  var weighted_sum = vec4f();
  for (var place = bucket; place < sizes.places; place += sizes.sketch_rows) {
    let row = permute(rows, place);
    if (row >= sizes.rows) { continue; }
    let sign = select(1.0, -1.0, mix32(row ^ sizes.sign_key) >> 31u == 1u);
    let at = vec4u(sizes.table_at + row * sizes.columns) + column;
    let signed = sign * vec4f(values[at.x], values[at.y], values[at.z], values[at.w]);
    sum += signed;
    if (WEIGHS) { weighted_sum += factors[sizes.factors_at + row] * signed; }
  }
  for (var k = 0u; k < min(4u, sizes.columns - first); k++) {
    let element = bucket * sizes.columns + first + k;
    sketch[sizes.sketch_at + element] = sum[k];
    if (WEIGHS) { weighted[sizes.weighted_at + element] = weighted_sum[k]; }
  }
}
