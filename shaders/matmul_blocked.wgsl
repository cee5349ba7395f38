// matmul_blocked: c[m, n] = Σ_k a[m, k]·b[k, n] in registers, without workgroup memory: for software adapters,
//          where a shared tile is slower (included). SwiftShader, 128×512×512, one core of a shared
//          2-core machine, 2026-11: 4×4 a thread 0.55 GFLOP/s, 8×4 0.85, 8×8 1.2, 16×8 1.1
// shapes   given by the includer: rows, columns, depth, part_depth in Sizes; a_index, a_value, b_index, store, store_column_sum
// dispatch one thread per (part of the depth, 8×8 block of c)
// races    none: every thread stores its own elements, and sums over k in order
override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let column_blocks = (sizes.columns + 7u) / 8u;
  let row_blocks = (sizes.rows + 7u) / 8u;
  let block = group_index(group, groups) * THREADS + local;
  let part = block / column_blocks / row_blocks;
  let first_k = part * sizes.part_depth;
  if (first_k >= sizes.depth) { return; }
  let end_k = min(first_k + sizes.part_depth, sizes.depth);
  let m = block / column_blocks % row_blocks * 8u;
  let n = block % column_blocks * 8u;
  let a_step = a_index(0u, 1u) - a_index(0u, 0u);
  let b_step = b_index(1u, 0u) - b_index(0u, 0u);
  // Rows and columns past the edge repeat the last one and are not stored.
  let last_m = sizes.rows - 1u;
  let last_n = sizes.columns - 1u;
  let i0 = a_index(m, first_k);
  let i1 = a_index(min(m + 1u, last_m), first_k);
  let i2 = a_index(min(m + 2u, last_m), first_k);
  let i3 = a_index(min(m + 3u, last_m), first_k);
  let i4 = a_index(min(m + 4u, last_m), first_k);
  let i5 = a_index(min(m + 5u, last_m), first_k);
  let i6 = a_index(min(m + 6u, last_m), first_k);
  let i7 = a_index(min(m + 7u, last_m), first_k);
  let j0 = b_index(first_k, n);
  let j1 = b_index(first_k, min(n + 1u, last_n));
  let j2 = b_index(first_k, min(n + 2u, last_n));
  let j3 = b_index(first_k, min(n + 3u, last_n));
  let j4 = b_index(first_k, min(n + 4u, last_n));
  let j5 = b_index(first_k, min(n + 5u, last_n));
  let j6 = b_index(first_k, min(n + 6u, last_n));
  let j7 = b_index(first_k, min(n + 7u, last_n));
  // Named, not arrays: software adapters keep an array in memory.
  var l0 = vec4f();
  var r0 = vec4f();
  var l1 = vec4f();
  var r1 = vec4f();
  var l2 = vec4f();
  var r2 = vec4f();
  var l3 = vec4f();
  var r3 = vec4f();
  var l4 = vec4f();
  var r4 = vec4f();
  var l5 = vec4f();
  var r5 = vec4f();
  var l6 = vec4f();
  var r6 = vec4f();
  var l7 = vec4f();
  var r7 = vec4f();
  var left_sum = vec4f();
  var right_sum = vec4f();
  var ak = 0u;
  var bk = 0u;
  for (var k = first_k; k < end_k; k++) {
    let left = vec4f(b[j0 + bk], b[j1 + bk], b[j2 + bk], b[j3 + bk]);
    let right = vec4f(b[j4 + bk], b[j5 + bk], b[j6 + bk], b[j7 + bk]);
    let a0 = a_value(i0 + ak);
    l0 += a0 * left;
    r0 += a0 * right;
    let a1 = a_value(i1 + ak);
    l1 += a1 * left;
    r1 += a1 * right;
    let a2 = a_value(i2 + ak);
    l2 += a2 * left;
    r2 += a2 * right;
    let a3 = a_value(i3 + ak);
    l3 += a3 * left;
    r3 += a3 * right;
    let a4 = a_value(i4 + ak);
    l4 += a4 * left;
    r4 += a4 * right;
    let a5 = a_value(i5 + ak);
    l5 += a5 * left;
    r5 += a5 * right;
    let a6 = a_value(i6 + ak);
    l6 += a6 * left;
    r6 += a6 * right;
    let a7 = a_value(i7 + ak);
    l7 += a7 * left;
    r7 += a7 * right;
    if (COLUMN_SUMS) { left_sum += left; right_sum += right; }
    ak += a_step;
    bk += b_step;
  }
  store_row(part, m + 0u, n, l0, r0);
  store_row(part, m + 1u, n, l1, r1);
  store_row(part, m + 2u, n, l2, r2);
  store_row(part, m + 3u, n, l3, r3);
  store_row(part, m + 4u, n, l4, r4);
  store_row(part, m + 5u, n, l5, r5);
  store_row(part, m + 6u, n, l6, r6);
  store_row(part, m + 7u, n, l7, r7);
  if (COLUMN_SUMS && m == 0u) {
    for (var s = 0u; s < min(4u, sizes.columns - n); s++) { store_column_sum(part, n + s, left_sum[s]); }
    for (var s = 4u; s < min(8u, sizes.columns - n); s++) { store_column_sum(part, n + s, right_sum[s - 4u]); }
  }
}

fn store_row(part: u32, m: u32, n: u32, left: vec4f, right: vec4f) {
  if (m >= sizes.rows) { return; }
  for (var s = 0u; s < min(4u, sizes.columns - n); s++) { store(part, m, n + s, left[s]); }
  for (var s = 4u; s < min(8u, sizes.columns - n); s++) { store(part, m, n + s, right[s - 4u]); }
}
