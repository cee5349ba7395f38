// interact_backward: dt_i = Σ_{k≠i} dOut[pair i, k]·t_k, and the bottom also dOut's first D; dBottom is 0 where mask ≤ 0:
//          per example the product of a symmetric [T, T] with a diagonal of 0 and t [T, D]
// shapes   bottom, mask, dBottom f32[batch, D]   vectors, dVectors f32[batch, fields, D]
//          dOut f32[batch, (D) + T(T−1)/2], T = fields (+ 1)
// dispatch see product_tiled, product_quads, product_blocked: tiles of dt of every example
// races    none: every thread writes its own elements; the sum over k is in order
// source   Naumov et al. 2019, arXiv 1906.00091, §2.1
struct Sizes {
  tiles: u32, // batch·row_tiles·column_tiles
  row_tiles: u32,
  column_tiles: u32,
  vectors_count: u32, // T
  base_dim: u32,
  out_width: u32,
  bottom_at: u32,
  vectors_at: u32,
  d_out_at: u32,
  mask_at: u32,
  d_bottom_at: u32,
  d_vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> bottom: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> d_out: array<f32>;
@group(0) @binding(4) var<storage, read> mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_vectors: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_bottom: array<f32>;
#include "group.wgsl"
#include "product_$product.wgsl"

override HAS_BOTTOM: bool = true; // without it bindings 1 and 4 hold vectors again, 6 a scratch word
override HAS_MASK: bool = true;
const SYMMETRIC = false;
const LEFT_ALONG_K = true;
const RIGHT_ALONG_K = false;

struct Tile {
  left: u32, // first quad of vectors
  right: u32, // first quad of their elements
  b: u32,
}

fn tile_at(index: u32) -> Tile {
  let column = index % sizes.column_tiles;
  let row = index / sizes.column_tiles % sizes.row_tiles;
  return Tile(row * LEFT_QUADS, column * RIGHT_QUADS, index / sizes.column_tiles / sizes.row_tiles);
}

fn k_range(index: u32) -> vec2u { return vec2u(0u, sizes.vectors_count); }

fn is_wanted(tile: Tile, left: u32, right: u32) -> bool {
  return 4u * left < sizes.vectors_count && 4u * right < sizes.base_dim;
}

// Four vectors i; those past the last one repeat it and are not stored.
struct Rows {
  i: vec4u,
  below: vec4u, // where d_out has the pairs (i, 0), (i, 1) …
  dots: u32, // where d_out has the pair (1, 0)
}

fn rows_of(tile: Tile, quad: u32) -> Rows {
  let i = min(4u * quad + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.vectors_count - 1u));
  let dots = sizes.d_out_at + tile.b * sizes.out_width + select(0u, sizes.base_dim, HAS_BOTTOM);
  return Rows(i, dots + i * (max(i, vec4u(1u)) - 1u) / 2u, dots);
}
// The gradients of their dots with vector k.
fn left(rows: Rows, k: u32) -> vec4f {
  let column = rows.dots + k * (max(k, 1u) - 1u) / 2u;
  let at = select(column + rows.i, rows.below + k, rows.i > vec4u(k));
  let gradients = vec4f(d_out[at.x], d_out[at.y], d_out[at.z], d_out[at.w]);
  return select(gradients, vec4f(), rows.i == vec4u(k));
}

// Where four elements of vector k lie: at + k·stride in vectors, but those of the bottom one.
struct Columns {
  at: vec4u,
  bottom: vec4u,
  stride: u32,
}

fn columns_of(tile: Tile, column: u32) -> Columns {
  let D = sizes.base_dim;
  let j = min(column + vec4u(0u, 1u, 2u, 3u), vec4u(D - 1u));
  let before = select(0u, 1u, HAS_BOTTOM);
  let first = sizes.vectors_at + (tile.b * (sizes.vectors_count - before) - before) * D;
  return Columns(first + j, sizes.bottom_at + tile.b * D + j, D);
}
fn right(columns: Columns, k: u32) -> vec4f {
  if (HAS_BOTTOM && k == 0u) {
    let at = columns.bottom;
    return vec4f(bottom[at.x], bottom[at.y], bottom[at.z], bottom[at.w]);
  }
  let at = columns.at + k * columns.stride;
  return vec4f(vectors[at.x], vectors[at.y], vectors[at.z], vectors[at.w]);
}

fn store(tile: Tile, i: u32, right: u32, sums: vec4f) {
  let D = sizes.base_dim;
  let T = sizes.vectors_count;
  if (i >= T) { return; }
  let count = min(4u, D - 4u * right);
  if (HAS_BOTTOM && i == 0u) {
    for (var c = 0u; c < count; c++) {
      let j = tile.b * D + 4u * right + c;
      var value = sums[c] + d_out[sizes.d_out_at + tile.b * sizes.out_width + 4u * right + c];
      if (HAS_MASK && !(mask[sizes.mask_at + j] > 0.0)) { value = 0.0; }
      d_bottom[sizes.d_bottom_at + j] = value;
    }
    return;
  }
  let before = select(0u, 1u, HAS_BOTTOM);
  let at = sizes.d_vectors_at + (tile.b * (T - before) + i - before) * D + 4u * right;
  d_vectors[at] = sums.x;
  if (count > 1u) { d_vectors[at + 1u] = sums.y; }
  if (count > 2u) { d_vectors[at + 2u] = sums.z; }
  if (count > 3u) { d_vectors[at + 3u] = sums.w; }
}
