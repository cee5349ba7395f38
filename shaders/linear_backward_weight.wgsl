// linear_backward_weight: dW = xᵀ·dy and db = Σ_b dy, or for each part of the batch its share of them
// shapes   a = x = saved, [batch, in] in one group, read transposed   b = dy f32[batch, out]   out: per part dW f32[in, out] and db f32[out]
//          rows = in, columns = out, depth = batch
// dispatch see matmul_tiled, matmul_blocked; with more than one part, sum_parts follows
// races    none: every thread stores its own elements, and sums over the batch in order
struct Sizes {
  rows: u32,
  columns: u32,
  depth: u32,
  part_depth: u32,
  a_at: u32,
  b_at: u32,
  weight_at: u32,
  bias_at: u32,
  part_stride: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
#include "saved_$saved.wgsl"
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
#include "group.wgsl"
#include "matmul_$matmul.wgsl"

const A_ALONG_K = false;
const B_ALONG_K = false;
const COLUMN_SUMS = true;

fn a_index(m: u32, k: u32) -> u32 { return sizes.a_at + k * sizes.rows + m; }
fn a_value(i: u32) -> f32 { return saved_value(i); }
fn b_index(k: u32, n: u32) -> u32 { return sizes.b_at + k * sizes.columns + n; }

fn store(part: u32, m: u32, n: u32, sum: f32) {
  out[sizes.weight_at + part * sizes.part_stride + m * sizes.columns + n] = sum * saved_scale(0u);
}
fn store_column_sum(part: u32, n: u32, sum: f32) {
  out[sizes.bias_at + part * sizes.part_stride + n] = sum;
}
