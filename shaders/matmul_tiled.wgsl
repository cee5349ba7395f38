// matmul_tiled: c[m, n] = Σ_k a[m, k]·b[k, n] through tiles in workgroup memory: for GPUs (included). A step over k
//          reads two vec4f of a tile for 16 multiply-adds, each one 128-bit load where scalars would be eight of 32
// shapes   given by the includer: rows, columns, depth, part_depth in Sizes; a_index, a_value, b_index, store, store_column_sum
// dispatch one workgroup of (TILE_N/4 × TILE_M/4) threads per (part of the depth, TILE_M × TILE_N tile of c); 4×4 a thread
// races    none: whole vec4f of the tiles are stored, each by one thread, between barriers; every thread stores its
//          own elements, and sums over k in order, whatever the tile: its size does not change the bits
const TILE_K = 16u;
override TILE_M: u32 = 32u;
override TILE_N: u32 = 32u;
// One vec4f more than a tile's side, so that stores along k meet different banks.
var<workgroup> tile_a: array<vec4f, TILE_K * (TILE_M / 4u + 1u)>; // [k][m / 4]
var<workgroup> tile_b: array<vec4f, TILE_K * (TILE_N / 4u + 1u)>; // [k][n / 4]

// 0 outside: adds nothing to a sum.
fn load_a(m: u32, k: u32, end_k: u32) -> f32 {
  if (m >= sizes.rows || k >= end_k) { return 0.0; }
  return a_value(a_index(m, k));
}
fn load_b(k: u32, n: u32, end_k: u32) -> f32 {
  if (n >= sizes.columns || k >= end_k) { return 0.0; }
  return b[b_index(k, n)];
}

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
  let stride_a = TILE_M / 4u + 1u;
  let stride_b = TILE_N / 4u + 1u;
  let threads = TILE_M * TILE_N / 16u;
  // Named, not an array: an index that a compiler does not unroll would put it in memory.
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();
  var column_sum = vec4f();
  for (var k0 = first_k; k0 < end_k; k0 += TILE_K) {
    // Neighbouring threads read along what is contiguous in memory.
    for (var i = local; i < TILE_K * TILE_M / 4u; i += threads) {
      let q = select(i % (TILE_M / 4u), i / TILE_K, A_ALONG_K);
      let s = select(i / (TILE_M / 4u), i % TILE_K, A_ALONG_K);
      let m = m0 + 4u * q;
      let k = k0 + s;
      tile_a[s * stride_a + q] =
        vec4f(load_a(m, k, end_k), load_a(m + 1u, k, end_k), load_a(m + 2u, k, end_k), load_a(m + 3u, k, end_k));
    }
    for (var i = local; i < TILE_K * TILE_N / 4u; i += threads) {
      let q = select(i % (TILE_N / 4u), i / TILE_K, B_ALONG_K);
      let s = select(i / (TILE_N / 4u), i % TILE_K, B_ALONG_K);
      let n = n0 + 4u * q;
      let k = k0 + s;
      tile_b[s * stride_b + q] =
        vec4f(load_b(k, n, end_k), load_b(k, n + 1u, end_k), load_b(k, n + 2u, end_k), load_b(k, n + 3u, end_k));
    }
    workgroupBarrier();
    for (var s = 0u; s < TILE_K; s++) {
      let left = tile_a[s * stride_a + at.y];
      let right = tile_b[s * stride_b + at.x];
      c0 += left.x * right;
      c1 += left.y * right;
      c2 += left.z * right;
      c3 += left.w * right;
      if (COLUMN_SUMS && m0 + at.y == 0u) { column_sum += right; }
    }
    workgroupBarrier();
  }
  let m = m0 + at.y * 4u;
  let n = n0 + at.x * 4u;
  store_row(part, m, n, c0);
  store_row(part, m + 1u, n, c1);
  store_row(part, m + 2u, n, c2);
  store_row(part, m + 3u, n, c3);
  if (COLUMN_SUMS && m == 0u && n < sizes.columns) {
    for (var j = 0u; j < min(4u, sizes.columns - n); j++) { store_column_sum(part, n + j, column_sum[j]); }
  }
}

fn store_row(part: u32, m: u32, n: u32, c: vec4f) {
  if (m >= sizes.rows || n >= sizes.columns) { return; }
  for (var j = 0u; j < min(4u, sizes.columns - n); j++) { store(part, m, n + j, c[j]); }
}
