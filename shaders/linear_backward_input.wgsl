// linear_backward_input: dx = dy·Wᵀ, and 0 where mask ≤ 0
// shapes   a = dy f32[batch, out]   b = W f32[in, out], read transposed   mask = saved, dx f32[batch, in]
//          rows = batch, columns = in, depth = out
// dispatch see matmul_tiled, matmul_blocked
// races    none: every thread stores its own elements
struct Sizes {
  rows: u32,
  columns: u32,
  depth: u32,
  part_depth: u32, // depth: one part
  a_at: u32,
  b_at: u32,
  mask_at: u32,
  dx_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
#include "saved_$saved.wgsl"
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
#include "group.wgsl"
#include "matmul_$matmul.wgsl"

override HAS_MASK: bool = true; // without it the binding holds dy again
const A_ALONG_K = true;
const B_ALONG_K = true;
const COLUMN_SUMS = false;

fn a_index(m: u32, k: u32) -> u32 { return sizes.a_at + m * sizes.depth + k; }
fn a_value(i: u32) -> f32 { return a[i]; }
fn b_index(k: u32, n: u32) -> u32 { return sizes.b_at + n * sizes.depth + k; }

fn store(part: u32, m: u32, n: u32, sum: f32) {
  let i = m * sizes.columns + n;
  var value = sum;
  if (HAS_MASK && !saved_positive(sizes.mask_at + i)) { value = 0.0; }
  dx[sizes.dx_at + i] = value;
}
fn store_column_sum(part: u32, n: u32, sum: f32) {}
