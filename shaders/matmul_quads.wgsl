// matmul_quads: c[m, n] = Σ_k a[m, k]·b[k, n] in registers, 16×16 for four threads: for software adapters
//          with subgroups (included). A load is what costs there (about 70 instructions on SwiftShader, for
//          bounds and four lanes), so none is made twice: each thread of a quad loads a quarter of a's rows
//          and its own columns of b, and the quad hands the rows round
// shapes   given by the includer: rows, columns, depth, part_depth in Sizes; a_index, a_value, b_index, store, store_column_sum
// dispatch one quad of threads per (part of the depth, 16×16 block of c); 16×4 a thread. The device must number
//          the threads of a subgroup as local_invocation_index does: SwiftShader and lavapipe do
// races    none: every thread stores its own elements, and sums over k in order
#include "quads.wgsl"
override THREADS: u32 = 16u;

// Control flow is the same for the four threads of a quad, all that quadBroadcast needs.
@diagnostic(off, subgroup_uniformity)
@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let column_blocks = (sizes.columns + 15u) / 16u;
  let row_blocks = (sizes.rows + 15u) / 16u;
  let block = (group_index(group, groups) * THREADS + local) / 4u;
  let lane = local % 4u;
  let part = block / column_blocks / row_blocks;
  let first_k = part * sizes.part_depth;
  if (first_k >= sizes.depth) { return; }
  let end_k = min(first_k + sizes.part_depth, sizes.depth);
  let m = block / column_blocks % row_blocks * 16u;
  let n = block % column_blocks * 16u + lane * 4u;
  let a_step = a_index(0u, 1u) - a_index(0u, 0u);
  let b_step = b_index(1u, 0u) - b_index(0u, 0u);
  // Rows and columns past the edge repeat the last one and are not stored.
  let last_m = sizes.rows - 1u;
  let last_n = sizes.columns - 1u;
  var i0 = a_index(min(m + lane, last_m), first_k);
  var i1 = a_index(min(m + lane + 4u, last_m), first_k);
  var i2 = a_index(min(m + lane + 8u, last_m), first_k);
  var i3 = a_index(min(m + lane + 12u, last_m), first_k);
  var j0 = b_index(first_k, min(n, last_n));
  var j1 = b_index(first_k, min(n + 1u, last_n));
  var j2 = b_index(first_k, min(n + 2u, last_n));
  var j3 = b_index(first_k, min(n + 3u, last_n));
  // Named, not arrays: software adapters keep an array in memory.
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();
  var c4 = vec4f();
  var c5 = vec4f();
  var c6 = vec4f();
  var c7 = vec4f();
  var c8 = vec4f();
  var c9 = vec4f();
  var c10 = vec4f();
  var c11 = vec4f();
  var c12 = vec4f();
  var c13 = vec4f();
  var c14 = vec4f();
  var c15 = vec4f();
  var column_sum = vec4f();
  var k = first_k;
  for (; k + 1u < end_k; k += 2u) {
    let b0 = vec4f(b[j0], b[j1], b[j2], b[j3]);
    let b1 = vec4f(b[j0 + b_step], b[j1 + b_step], b[j2 + b_step], b[j3 + b_step]);
    let a0 = vec2f(a_value(i0), a_value(i0 + a_step));
    let a1 = vec2f(a_value(i1), a_value(i1 + a_step));
    let a2 = vec2f(a_value(i2), a_value(i2 + a_step));
    let a3 = vec2f(a_value(i3), a_value(i3 + a_step));
    c0 = add_products(c0, quadBroadcast(a0, 0u), b0, b1);
    c1 = add_products(c1, quadBroadcast(a0, 1u), b0, b1);
    c2 = add_products(c2, quadBroadcast(a0, 2u), b0, b1);
    c3 = add_products(c3, quadBroadcast(a0, 3u), b0, b1);
    c4 = add_products(c4, quadBroadcast(a1, 0u), b0, b1);
    c5 = add_products(c5, quadBroadcast(a1, 1u), b0, b1);
    c6 = add_products(c6, quadBroadcast(a1, 2u), b0, b1);
    c7 = add_products(c7, quadBroadcast(a1, 3u), b0, b1);
    c8 = add_products(c8, quadBroadcast(a2, 0u), b0, b1);
    c9 = add_products(c9, quadBroadcast(a2, 1u), b0, b1);
    c10 = add_products(c10, quadBroadcast(a2, 2u), b0, b1);
    c11 = add_products(c11, quadBroadcast(a2, 3u), b0, b1);
    c12 = add_products(c12, quadBroadcast(a3, 0u), b0, b1);
    c13 = add_products(c13, quadBroadcast(a3, 1u), b0, b1);
    c14 = add_products(c14, quadBroadcast(a3, 2u), b0, b1);
    c15 = add_products(c15, quadBroadcast(a3, 3u), b0, b1);
    if (COLUMN_SUMS) { column_sum = column_sum + b0 + b1; }
    i0 += 2u * a_step;
    i1 += 2u * a_step;
    i2 += 2u * a_step;
    i3 += 2u * a_step;
    j0 += 2u * b_step;
    j1 += 2u * b_step;
    j2 += 2u * b_step;
    j3 += 2u * b_step;
  }
  if (k < end_k) {
    let b0 = vec4f(b[j0], b[j1], b[j2], b[j3]);
    let a0 = a_value(i0);
    c0 += quadBroadcast(a0, 0u) * b0;
    c1 += quadBroadcast(a0, 1u) * b0;
    c2 += quadBroadcast(a0, 2u) * b0;
    c3 += quadBroadcast(a0, 3u) * b0;
    let a1 = a_value(i1);
    c4 += quadBroadcast(a1, 0u) * b0;
    c5 += quadBroadcast(a1, 1u) * b0;
    c6 += quadBroadcast(a1, 2u) * b0;
    c7 += quadBroadcast(a1, 3u) * b0;
    let a2 = a_value(i2);
    c8 += quadBroadcast(a2, 0u) * b0;
    c9 += quadBroadcast(a2, 1u) * b0;
    c10 += quadBroadcast(a2, 2u) * b0;
    c11 += quadBroadcast(a2, 3u) * b0;
    let a3 = a_value(i3);
    c12 += quadBroadcast(a3, 0u) * b0;
    c13 += quadBroadcast(a3, 1u) * b0;
    c14 += quadBroadcast(a3, 2u) * b0;
    c15 += quadBroadcast(a3, 3u) * b0;
    if (COLUMN_SUMS) { column_sum += b0; }
  }
  store_row(part, m + 0u, n, c0);
  store_row(part, m + 1u, n, c1);
  store_row(part, m + 2u, n, c2);
  store_row(part, m + 3u, n, c3);
  store_row(part, m + 4u, n, c4);
  store_row(part, m + 5u, n, c5);
  store_row(part, m + 6u, n, c6);
  store_row(part, m + 7u, n, c7);
  store_row(part, m + 8u, n, c8);
  store_row(part, m + 9u, n, c9);
  store_row(part, m + 10u, n, c10);
  store_row(part, m + 11u, n, c11);
  store_row(part, m + 12u, n, c12);
  store_row(part, m + 13u, n, c13);
  store_row(part, m + 14u, n, c14);
  store_row(part, m + 15u, n, c15);
  if (COLUMN_SUMS && m == 0u && n < sizes.columns) {
    for (var s = 0u; s < min(4u, sizes.columns - n); s++) { store_column_sum(part, n + s, column_sum[s]); }
  }
}

fn store_row(part: u32, m: u32, n: u32, c: vec4f) {
  if (m >= sizes.rows || n >= sizes.columns) { return; }
  for (var s = 0u; s < min(4u, sizes.columns - n); s++) { store(part, m, n + s, c[s]); }
}
