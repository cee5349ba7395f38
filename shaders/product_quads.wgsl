// product_quads: many small products c[m, n] = Σ_k left[m, k]·right[k, n] in registers, 16×16 for four threads: for
//          software adapters with subgroups (included). A load is what costs there: see matmul_quads. Each thread of
//          a quad loads four of the rows and its own four columns, and the quad hands the rows round
// shapes   given by the includer, rows and columns in quads of four: Tile, tile_at, k_range, is_wanted, Rows, rows_of,
//          left, Columns, columns_of, right, store; SYMMETRIC: a tile on the diagonal has the rows as columns
// dispatch one quad of threads per tile of 16×16; 16×4 a thread. Threads are numbered as matmul_quads wants it.
//          FIFTH: one quad of columns that would be left for a tile of its own belongs to the one before, then 16×20
// races    none: every thread stores its own elements, and sums over k in order
#include "quads.wgsl"
const LEFT_QUADS = 4u;
const RIGHT_QUADS = 4u;
override THREADS: u32 = 16u;
override FIFTH: bool = false; // may a tile have a fifth quad of columns?

@diagnostic(off, subgroup_uniformity)
fn across(x: f32) -> vec4f {
  return vec4f(quadBroadcast(x, 0u), quadBroadcast(x, 1u), quadBroadcast(x, 2u), quadBroadcast(x, 3u));
}
// From four rows of a thread's own column to four columns of row `lane`.
fn row_of(column: vec4f, lane: u32) -> vec4f {
  let row0 = across(column.x);
  let row1 = across(column.y);
  let row2 = across(column.z);
  let row3 = across(column.w);
  return select(select(row0, row1, lane == 1u), select(row2, row3, lane == 3u), lane >= 2u);
}

// Control flow is the same for the four threads of a quad, all that quadBroadcast needs.
@diagnostic(off, subgroup_uniformity)
@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group_index(group, groups) * THREADS + local) / 4u;
  let lane = local % 4u;
  if (index >= sizes.tiles) { return; }
  let range = k_range(index);
  let tile = tile_at(index);
  let same = SYMMETRIC && tile.left == tile.right;
  let rows = rows_of(tile, tile.left + lane);
  let columns = columns_of(tile, 4u * (tile.right + lane));
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
  // Of the fifth quad a thread has the column of its lane, in rows of four.
  let fifth = tile.right + 4u;
  let has_fifth = FIFTH && is_wanted(tile, tile.left, fifth) && !is_wanted(tile, tile.left, fifth + 1u);
  let own = columns_of(tile, 4u * fifth + lane);
  var d0 = vec4f();
  var d1 = vec4f();
  var d2 = vec4f();
  var d3 = vec4f();
  var k = range.x;
  for (; k + 1u < range.y; k += 2u) {
    let a0 = left(rows, k);
    let a1 = left(rows, k + 1u);
    var b0 = a0;
    var b1 = a1;
    if (!same) {
      b0 = right(columns, k);
      b1 = right(columns, k + 1u);
    }
    let row0 = vec2f(a0.x, a1.x);
    let row1 = vec2f(a0.y, a1.y);
    let row2 = vec2f(a0.z, a1.z);
    let row3 = vec2f(a0.w, a1.w);
    c0 = add_products(c0, quadBroadcast(row0, 0u), b0, b1);
    c1 = add_products(c1, quadBroadcast(row1, 0u), b0, b1);
    c2 = add_products(c2, quadBroadcast(row2, 0u), b0, b1);
    c3 = add_products(c3, quadBroadcast(row3, 0u), b0, b1);
    c4 = add_products(c4, quadBroadcast(row0, 1u), b0, b1);
    c5 = add_products(c5, quadBroadcast(row1, 1u), b0, b1);
    c6 = add_products(c6, quadBroadcast(row2, 1u), b0, b1);
    c7 = add_products(c7, quadBroadcast(row3, 1u), b0, b1);
    c8 = add_products(c8, quadBroadcast(row0, 2u), b0, b1);
    c9 = add_products(c9, quadBroadcast(row1, 2u), b0, b1);
    c10 = add_products(c10, quadBroadcast(row2, 2u), b0, b1);
    c11 = add_products(c11, quadBroadcast(row3, 2u), b0, b1);
    c12 = add_products(c12, quadBroadcast(row0, 3u), b0, b1);
    c13 = add_products(c13, quadBroadcast(row1, 3u), b0, b1);
    c14 = add_products(c14, quadBroadcast(row2, 3u), b0, b1);
    c15 = add_products(c15, quadBroadcast(row3, 3u), b0, b1);
    if (has_fifth) {
      let e0 = right(own, k).x;
      let e1 = right(own, k + 1u).x;
      d0 = add_product(add_product(d0, e0, quadBroadcast(a0, 0u)), e1, quadBroadcast(a1, 0u));
      d1 = add_product(add_product(d1, e0, quadBroadcast(a0, 1u)), e1, quadBroadcast(a1, 1u));
      d2 = add_product(add_product(d2, e0, quadBroadcast(a0, 2u)), e1, quadBroadcast(a1, 2u));
      d3 = add_product(add_product(d3, e0, quadBroadcast(a0, 3u)), e1, quadBroadcast(a1, 3u));
    }
  }
  if (k < range.y) {
    let a = left(rows, k);
    let b = right(columns, k);
    c0 = add_product(c0, quadBroadcast(a.x, 0u), b);
    c1 = add_product(c1, quadBroadcast(a.y, 0u), b);
    c2 = add_product(c2, quadBroadcast(a.z, 0u), b);
    c3 = add_product(c3, quadBroadcast(a.w, 0u), b);
    c4 = add_product(c4, quadBroadcast(a.x, 1u), b);
    c5 = add_product(c5, quadBroadcast(a.y, 1u), b);
    c6 = add_product(c6, quadBroadcast(a.z, 1u), b);
    c7 = add_product(c7, quadBroadcast(a.w, 1u), b);
    c8 = add_product(c8, quadBroadcast(a.x, 2u), b);
    c9 = add_product(c9, quadBroadcast(a.y, 2u), b);
    c10 = add_product(c10, quadBroadcast(a.z, 2u), b);
    c11 = add_product(c11, quadBroadcast(a.w, 2u), b);
    c12 = add_product(c12, quadBroadcast(a.x, 3u), b);
    c13 = add_product(c13, quadBroadcast(a.y, 3u), b);
    c14 = add_product(c14, quadBroadcast(a.z, 3u), b);
    c15 = add_product(c15, quadBroadcast(a.w, 3u), b);
    if (has_fifth) {
      let e = right(own, k).x;
      d0 = add_product(d0, e, quadBroadcast(a, 0u));
      d1 = add_product(d1, e, quadBroadcast(a, 1u));
      d2 = add_product(d2, e, quadBroadcast(a, 2u));
      d3 = add_product(d3, e, quadBroadcast(a, 3u));
    }
  }
  let m = 4u * tile.left;
  let n = tile.right + lane;
  if (is_wanted(tile, tile.left, n)) {
    store(tile, m + 0u, n, c0);
    store(tile, m + 1u, n, c1);
    store(tile, m + 2u, n, c2);
    store(tile, m + 3u, n, c3);
  }
  if (is_wanted(tile, tile.left + 1u, n)) {
    store(tile, m + 4u, n, c4);
    store(tile, m + 5u, n, c5);
    store(tile, m + 6u, n, c6);
    store(tile, m + 7u, n, c7);
  }
  if (is_wanted(tile, tile.left + 2u, n)) {
    store(tile, m + 8u, n, c8);
    store(tile, m + 9u, n, c9);
    store(tile, m + 10u, n, c10);
    store(tile, m + 11u, n, c11);
  }
  if (is_wanted(tile, tile.left + 3u, n)) {
    store(tile, m + 12u, n, c12);
    store(tile, m + 13u, n, c13);
    store(tile, m + 14u, n, c14);
    store(tile, m + 15u, n, c15);
  }
  if (has_fifth) {
    let row0 = row_of(d0, lane);
    let row1 = row_of(d1, lane);
    let row2 = row_of(d2, lane);
    let row3 = row_of(d3, lane);
    if (is_wanted(tile, tile.left, fifth)) { store(tile, m + lane, fifth, row0); }
    if (is_wanted(tile, tile.left + 1u, fifth)) { store(tile, m + 4u + lane, fifth, row1); }
    if (is_wanted(tile, tile.left + 2u, fifth)) { store(tile, m + 8u + lane, fifth, row2); }
    if (is_wanted(tile, tile.left + 3u, fifth)) { store(tile, m + 12u + lane, fifth, row3); }
  }
}
