// matmul_tiled: c[m, n] = Σ_k a[m, k]·b[k, n] through tiles in workgroup memory: for GPUs (included)
// shapes   given by the includer: rows, columns, depth, part_depth in Sizes; a_index, b_index, store, store_column_sums
// dispatch one workgroup of (TILE_N/4 × TILE_M/4) threads per (part of the depth, TILE_M × TILE_N tile of c); 4×4 a thread
// races    none: every thread stores its own elements, and sums over k in order
const TILE_K = 16u;
override TILE_M: u32 = 32u;
override TILE_N: u32 = 32u;
// One more than a tile's side, so that a transposed store does not meet one bank.
var<workgroup> tile_a: array<f32, TILE_K * (TILE_M + 1u)>; // [k][m]
var<workgroup> tile_b: array<f32, TILE_K * (TILE_N + 1u)>; // [k][n]

@compute @workgroup_size(TILE_N / 4u, TILE_M / 4u)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) at: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let column_tiles = (sizes.columns + TILE_N - 1u) / TILE_N;
  let row_tiles = (sizes.rows + TILE_M - 1u) / TILE_M;
  let tile = group_index(group, groups);
  let part = tile / column_tiles / row_tiles;
  let m0 = tile / column_tiles % row_tiles * TILE_M;
  let n0 = tile % column_tiles * TILE_N;
  let first_k = part * sizes.part_depth;
  if (first_k >= sizes.depth) { return; }
  let end_k = min(first_k + sizes.part_depth, sizes.depth);
  let threads = TILE_M * TILE_N / 16u;
  var c: array<vec4f, 4>;
  var column_sum = vec4f();
  for (var k0 = first_k; k0 < end_k; k0 += TILE_K) {
    for (var i = local; i < TILE_K * TILE_M; i += threads) {
      let m = select(i % TILE_M, i / TILE_K, A_ALONG_K);
      let k = select(i / TILE_M, i % TILE_K, A_ALONG_K);
      var value = 0.0;
      if (m0 + m < sizes.rows && k0 + k < end_k) { value = a[a_index(m0 + m, k0 + k)]; }
      tile_a[k * (TILE_M + 1u) + m] = value;
    }
    for (var i = local; i < TILE_K * TILE_N; i += threads) {
      let n = select(i % TILE_N, i / TILE_K, B_ALONG_K);
      let k = select(i / TILE_N, i % TILE_K, B_ALONG_K);
      var value = 0.0;
      if (n0 + n < sizes.columns && k0 + k < end_k) { value = b[b_index(k0 + k, n0 + n)]; }
      tile_b[k * (TILE_N + 1u) + n] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < TILE_K; k++) {
      let i = k * (TILE_M + 1u) + at.y * 4u;
      let j = k * (TILE_N + 1u) + at.x * 4u;
      let right = vec4f(tile_b[j], tile_b[j + 1u], tile_b[j + 2u], tile_b[j + 3u]);
      c[0] += tile_a[i] * right;
      c[1] += tile_a[i + 1u] * right;
      c[2] += tile_a[i + 2u] * right;
      c[3] += tile_a[i + 3u] * right;
      if (COLUMN_SUMS && m0 + at.y == 0u) { column_sum += right; }
    }
    workgroupBarrier();
  }
  let m = m0 + at.y * 4u;
  let n = n0 + at.x * 4u;
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      if (m + i < sizes.rows && n + j < sizes.columns) { store(part, m + i, n + j, c[i][j]); }
    }
  }
  if (COLUMN_SUMS && m == 0u) {
    for (var j = 0u; j < 4u; j++) {
      if (n + j < sizes.columns) { store_column_sum(part, n + j, column_sum[j]); }
    }
  }
}
