// product_tiled: many small products c[m, n] = Σ_k left[m, k]·right[k, n], through workgroup memory: for GPUs (included).
//          A tile's rows and columns are read from memory once, along what is contiguous there; a step over k reads
//          two vec4f of the tile for 16 multiply-adds. Products too small for a workgroup share one
// shapes   given by the includer, rows and columns in quads of four: Tile, tile_at, k_range, is_wanted, Rows, rows_of,
//          left, Columns, columns_of, right, store; SYMMETRIC: a tile on the diagonal has the rows as columns
// dispatch one workgroup of (RIGHT_QUADS × LEFT_QUADS × PRODUCTS) threads per PRODUCTS tiles; 4×4 a thread
// races    none: whole vec4f of the tiles are stored, each by one thread, between barriers; every thread stores its
//          own elements, and sums over k in order, whatever the tile: its size does not change the bits
const TILE_K = 8u;
override LEFT_QUADS: u32 = 8u;
override RIGHT_QUADS: u32 = 8u;
// Tiles of a workgroup: of products with one k_range.
override PRODUCTS: u32 = 1u;
// One vec4f more than a tile's side, so that stores along k meet different banks.
var<workgroup> left_tile: array<vec4f, PRODUCTS * TILE_K * (LEFT_QUADS + 1u)>; // [product][k][quad]
var<workgroup> right_tile: array<vec4f, PRODUCTS * TILE_K * (RIGHT_QUADS + 1u)>;

@compute @workgroup_size(RIGHT_QUADS, LEFT_QUADS, PRODUCTS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) at: vec3u,
) {
  let first = group_index(group, groups) * PRODUCTS;
  if (first >= sizes.tiles) { return; }
  let range = k_range(first);
  let index = first + at.z;
  // Threads past the last tile load it again and store nothing.
  let tile = tile_at(min(index, sizes.tiles - 1u));
  let left_quad = tile.left + at.y;
  let right_quad = tile.right + at.x;
  let same = SYMMETRIC && tile.left == tile.right;
  let wanted = index < sizes.tiles && is_wanted(tile, left_quad, right_quad);
  let left_stride = LEFT_QUADS + 1u;
  let right_stride = RIGHT_QUADS + 1u;
  let left_tile_at = at.z * TILE_K * left_stride;
  let right_tile_at = at.z * TILE_K * right_stride;
  let local = at.y * RIGHT_QUADS + at.x;
  let threads = LEFT_QUADS * RIGHT_QUADS;
  // Named, not an array: an index that a compiler does not unroll would put it in memory.
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();
  for (var k0 = range.x; k0 < range.y; k0 += TILE_K) {
    for (var i = local; i < TILE_K * LEFT_QUADS; i += threads) {
      let q = select(i % LEFT_QUADS, i / TILE_K, LEFT_ALONG_K);
      let s = select(i / LEFT_QUADS, i % TILE_K, LEFT_ALONG_K);
      var values = vec4f(); // 0 past the range: adds nothing to a sum
      if (k0 + s < range.y) { values = left(rows_of(tile, tile.left + q), k0 + s); }
      left_tile[left_tile_at + s * left_stride + q] = values;
    }
    for (var i = local; !same && i < TILE_K * RIGHT_QUADS; i += threads) {
      let q = select(i % RIGHT_QUADS, i / TILE_K, RIGHT_ALONG_K);
      let s = select(i / RIGHT_QUADS, i % TILE_K, RIGHT_ALONG_K);
      var values = vec4f();
      if (k0 + s < range.y) { values = right(columns_of(tile, 4u * (tile.right + q)), k0 + s); }
      right_tile[right_tile_at + s * right_stride + q] = values;
    }
    workgroupBarrier();
    if (wanted) {
      for (var s = 0u; s < TILE_K; s++) {
        let a = left_tile[left_tile_at + s * left_stride + at.y];
        var b: vec4f;
        if (same) {
          b = left_tile[left_tile_at + s * left_stride + at.x];
        } else {
          b = right_tile[right_tile_at + s * right_stride + at.x];
        }
        c0 += a.x * b;
        c1 += a.y * b;
        c2 += a.z * b;
        c3 += a.w * b;
      }
    }
    workgroupBarrier();
  }
  if (!wanted) { return; }
  store(tile, 4u * left_quad, right_quad, c0);
  store(tile, 4u * left_quad + 1u, right_quad, c1);
  store(tile, 4u * left_quad + 2u, right_quad, c2);
  store(tile, 4u * left_quad + 3u, right_quad, c3);
}
