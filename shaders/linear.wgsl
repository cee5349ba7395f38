// linear: y = activation(x·W + bias)
// shapes   a = x = saved, [batch, in] in one group   b = W f32[in, out]   bias f32[out]   y f32[batch, out]
//          rows = batch, columns = out, depth = in
// dispatch see matmul_tiled, matmul_blocked
// races    none: every thread stores its own elements
struct Sizes {
  rows: u32,
  columns: u32,
  depth: u32,
  part_depth: u32, // depth: one part
  a_at: u32,
  b_at: u32,
  bias_at: u32,
  y_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
#include "saved_$saved.wgsl"
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
#include "group.wgsl"
#include "matmul_$matmul.wgsl"

override RELU: bool = false;
const A_ALONG_K = true;
const B_ALONG_K = false;
const COLUMN_SUMS = false;

fn a_index(m: u32, k: u32) -> u32 { return sizes.a_at + m * sizes.depth + k; }
fn a_value(i: u32) -> f32 { return saved_value(i); }
fn b_index(k: u32, n: u32) -> u32 { return sizes.b_at + k * sizes.columns + n; }

fn store(part: u32, m: u32, n: u32, sum: f32) {
  let value = sum * saved_scale(0u) + bias[sizes.bias_at + n];
  y[sizes.y_at + m * sizes.columns + n] = select(value, max(value, 0.0), RELU);
}
fn store_column_sum(part: u32, n: u32, sum: f32) {}
