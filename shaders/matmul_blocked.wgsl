// matmul_blocked: c[m, n] = Σ_k a[m, k]·b[k, n] in registers, without workgroup memory: for software adapters,
//          where a shared tile is slower (included)
// shapes   given by the includer: rows, columns, depth, part_depth in Sizes; a_index, b_index, store, store_column_sum
// dispatch one thread per (part of the depth, 4×4 block of c)
// races    none: every thread stores its own elements, and sums over k in order
override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let column_blocks = (sizes.columns + 3u) / 4u;
  let row_blocks = (sizes.rows + 3u) / 4u;
  let block = group_index(group, groups) * THREADS + local;
  let part = block / column_blocks / row_blocks;
  let first_k = part * sizes.part_depth;
  if (first_k >= sizes.depth) { return; }
  let end_k = min(first_k + sizes.part_depth, sizes.depth);
  let m = block / column_blocks % row_blocks * 4u;
  let n = block % column_blocks * 4u;
  // Rows and columns past the edge repeat the last one and are not stored.
  let ms = min(vec4u(m, m + 1u, m + 2u, m + 3u), vec4u(sizes.rows - 1u));
  let ns = min(vec4u(n, n + 1u, n + 2u, n + 3u), vec4u(sizes.columns - 1u));
  var i = vec4u(a_index(ms.x, first_k), a_index(ms.y, first_k), a_index(ms.z, first_k), a_index(ms.w, first_k));
  var j = vec4u(b_index(first_k, ns.x), b_index(first_k, ns.y), b_index(first_k, ns.z), b_index(first_k, ns.w));
  let i_step = a_index(0u, 1u) - a_index(0u, 0u);
  let j_step = b_index(1u, 0u) - b_index(0u, 0u);
  var c: array<vec4f, 4>;
  var column_sum = vec4f();
  for (var k = first_k; k < end_k; k++) {
    let right = vec4f(b[j.x], b[j.y], b[j.z], b[j.w]);
    c[0] += a[i.x] * right;
    c[1] += a[i.y] * right;
    c[2] += a[i.z] * right;
    c[3] += a[i.w] * right;
    if (COLUMN_SUMS) { column_sum += right; }
    i += i_step;
    j += j_step;
  }
  for (var r = 0u; r < 4u; r++) {
    for (var s = 0u; s < 4u; s++) {
      if (m + r < sizes.rows && n + s < sizes.columns) { store(part, m + r, n + s, c[r][s]); }
    }
  }
  if (COLUMN_SUMS && m == 0u) {
    for (var s = 0u; s < 4u; s++) {
      if (n + s < sizes.columns) { store_column_sum(part, n + s, column_sum[s]); }
    }
  }
}
