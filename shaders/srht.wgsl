// srht: parts[part, kind, s, :] = Σ of ±(H·(±factors·table block))[sampled row s, :] / √r over every parts-th block of 2^bits
//          rows; kind 0 has no factors. sum_parts adds the parts up
// shapes   table f32[rows, columns]   factors f32[rows], read by kind 1   parts f32[parts, kinds, sketch_rows, columns]
// dispatch one workgroup of 256 per (part, kind, 4 columns)
// races    none: a butterfly's four rows are one thread's, with a barrier behind every stage; a thread adds up its own samples,
//          blocks in order
// source   Balabanov, Beaupère, Grigori & Lederer 2022, arXiv 2210.11295; src/analysis/srht.ts
struct Sizes {
  rows: u32,
  columns: u32,
  quads: u32, // ⌈columns / 4⌉
  sketch_rows: u32,
  blocks: u32,
  bits: u32,
  kinds: u32,
  parts: u32,
  seed: u32,
  row_key: u32,
  sample_key: u32,
  table_at: u32,
  factors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
#include "group.wgsl"
#include "permute.wgsl"

const THREADS = 256u;
const BLOCK_ROWS = 1024u;
const SAMPLES = BLOCK_ROWS / THREADS; // of a thread
var<workgroup> work: array<vec4f, BLOCK_ROWS>;

fn sign_of(index: u32, key: u32) -> f32 { return select(1.0, -1.0, mix32(index ^ key) >> 31u == 1u); }

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tile = group_index(group, groups);
  let first = (tile % sizes.quads) * 4u;
  let kind = tile / sizes.quads % sizes.kinds;
  let part = tile / sizes.quads / sizes.kinds;
  if (part >= sizes.parts) { return; }
  // Beyond the last column the last one is read again, and not written.
  let column = min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.columns - 1u));
  let side = 1u << sizes.bits;
  let sampled = permutation(sizes.seed, sizes.bits);
  var samples: array<vec4f, SAMPLES>;
  for (var block = part; block < sizes.blocks; block += sizes.parts) {
    for (var i = local; i < side; i += THREADS) {
      let row = block * side + i;
      var signed = vec4f();
      if (row < sizes.rows) {
        let at = vec4u(sizes.table_at + row * sizes.columns) + column;
        signed = sign_of(row, sizes.row_key) * vec4f(values[at.x], values[at.y], values[at.z], values[at.w]);
        if (kind == 1u) { signed *= factors[sizes.factors_at + row]; }
      }
      work[i] = signed;
    }
    workgroupBarrier();
    var bit = 0u;
    for (; bit + 1u < sizes.bits; bit += 2u) {
      let stride = 1u << bit;
      for (var i = local; i < side / 4u; i += THREADS) {
        let at = ((i >> bit) << (bit + 2u)) | (i & (stride - 1u));
        let a = work[at];
        let b = work[at + stride];
        let c = work[at + 2u * stride];
        let d = work[at + 3u * stride];
        work[at] = (a + b) + (c + d);
        work[at + stride] = (a - b) + (c - d);
        work[at + 2u * stride] = (a + b) - (c + d);
        work[at + 3u * stride] = (a - b) - (c - d);
      }
      workgroupBarrier();
    }
    if (bit < sizes.bits) {
      for (var i = local; i < side / 2u; i += THREADS) {
        let a = work[i];
        let b = work[i + side / 2u];
        work[i] = a + b;
        work[i + side / 2u] = a - b;
      }
      workgroupBarrier();
    }
    for (var k = 0u; k < SAMPLES; k++) {
      let s = local + k * THREADS;
      if (s < sizes.sketch_rows) {
        samples[k] += sign_of(block * side + s, sizes.sample_key) * work[permute(sampled, s)];
      }
    }
    workgroupBarrier();
  }
  let scale = 1.0 / sqrt(f32(sizes.sketch_rows));
  for (var k = 0u; k < SAMPLES; k++) {
    let s = local + k * THREADS;
    if (s >= sizes.sketch_rows) { break; }
    let at = ((part * sizes.kinds + kind) * sizes.sketch_rows + s) * sizes.columns + first;
    for (var c = 0u; c < min(4u, sizes.columns - first); c++) { sums[at + c] = scale * samples[k][c]; }
  }
}
