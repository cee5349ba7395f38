// product_blocked: many small products c[m, n] = Σ_k left[m, k]·right[k, n] in registers, without workgroup memory:
//          for software adapters, where products are too small for quads or there are no subgroups (included)
// shapes   given by the includer, rows and columns in quads of four: Tile, tile_at, k_range, is_wanted, Rows, rows_of,
//          left, Columns, columns_of, right, store; SYMMETRIC: a tile on the diagonal has the rows as columns
// dispatch one thread per tile of 4×4
// races    none: every thread stores its own elements, and sums over k in order
const LEFT_QUADS = 1u;
const RIGHT_QUADS = 1u;
override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = group_index(group, groups) * THREADS + local;
  if (index >= sizes.tiles) { return; }
  let range = k_range(index);
  let tile = tile_at(index);
  if (!is_wanted(tile, tile.left, tile.right)) { return; }
  let rows = rows_of(tile, tile.left);
  let columns = columns_of(tile, 4u * tile.right);
  // Named, not an array: software adapters keep an array in memory.
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();
  for (var k = range.x; k < range.y; k++) {
    let a = left(rows, k);
    let b = right(columns, k);
    c0 += a.x * b;
    c1 += a.y * b;
    c2 += a.z * b;
    c3 += a.w * b;
  }
  let m = 4u * tile.left;
  store(tile, m, tile.right, c0);
  store(tile, m + 1u, tile.right, c1);
  store(tile, m + 2u, tile.right, c2);
  store(tile, m + 3u, tile.right, c3);
}
