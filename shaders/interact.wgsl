// interact: out = [bottom, ⟨t_i, t_k⟩ for i > k], t = [bottom, vectors…]; without bottom the dots alone:
//          per example the lower triangle of t·tᵀ
// shapes   bottom f32[batch, D]   vectors f32[batch, fields, D]   out f32[batch, (D) + T(T−1)/2], T = fields (+ 1)
// dispatch see product_tiled, product_quads, product_blocked: square tiles of the lower triangle of every example
// races    none: every thread writes its own elements; dots are summed in order
// source   Naumov et al. 2019, arXiv 1906.00091, §2.1
struct Sizes {
  tiles: u32, // batch·example_tiles
  example_tiles: u32,
  vectors_count: u32, // T
  base_dim: u32,
  out_width: u32,
  bottom_at: u32,
  vectors_at: u32,
  out_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> bottom: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
#include "group.wgsl"
#include "triangle.wgsl"
#include "product_$product.wgsl"

override HAS_BOTTOM: bool = true; // without it the binding holds vectors again
const SYMMETRIC = true;
const LEFT_ALONG_K = true;
const RIGHT_ALONG_K = true;
struct Tile {
  left: u32, // first quad of vectors
  right: u32,
  b: u32,
}

fn tile_at(index: u32) -> Tile {
  let cell = index % sizes.example_tiles;
  let row = triangle_row(cell);
  let column = cell - row * (row + 1u) / 2u;
  return Tile(row * LEFT_QUADS, column * RIGHT_QUADS, index / sizes.example_tiles);
}

fn k_range(index: u32) -> vec2u { return vec2u(0u, sizes.base_dim); }

fn is_wanted(tile: Tile, left: u32, right: u32) -> bool {
  return right <= left && 4u * left < sizes.vectors_count;
}

// Where four vectors begin. Those past the last one repeat it and are not stored; only the first can be the bottom one.
struct Rows {
  at: vec4u,
  bottom: u32, // where the first begins in bottom, or NO_BOTTOM
}
const NO_BOTTOM = 0xffffffffu;

fn rows_of(tile: Tile, quad: u32) -> Rows {
  let t = min(4u * quad + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.vectors_count - 1u));
  let D = sizes.base_dim;
  let before = select(0u, 1u, HAS_BOTTOM);
  return Rows(
    sizes.vectors_at + (tile.b * (sizes.vectors_count - before) + t - before) * D,
    select(NO_BOTTOM, sizes.bottom_at + tile.b * D, HAS_BOTTOM && quad == 0u),
  );
}
fn left(rows: Rows, k: u32) -> vec4f {
  let at = rows.at + k;
  var first: f32;
  if (rows.bottom == NO_BOTTOM) { first = vectors[at.x]; } else { first = bottom[rows.bottom + k]; }
  return vec4f(first, vectors[at.y], vectors[at.z], vectors[at.w]);
}

alias Columns = Rows;
fn columns_of(tile: Tile, column: u32) -> Columns { return rows_of(tile, column / 4u); }
fn right(columns: Columns, k: u32) -> vec4f { return left(columns, k); }

// Element c of a row is the dot with vector 4·right + c.
fn store(tile: Tile, i: u32, right: u32, dots: vec4f) {
  let D = sizes.base_dim;
  let T = sizes.vectors_count;
  var at = sizes.out_at + tile.b * sizes.out_width;
  if (HAS_BOTTOM) {
    if (i % 4u == 0u) {
      // The quads of the triangle share the copy of bottom.
      let quad = i / 4u;
      let side = (T + 3u) / 4u;
      for (var j = quad * (quad + 1u) / 2u + right; j < D; j += side * (side + 1u) / 2u) {
        out[at + j] = bottom[sizes.bottom_at + tile.b * D + j];
      }
    }
    at += D;
  }
  let k = 4u * right;
  if (i >= T || i <= k) { return; }
  at += i * (i - 1u) / 2u + k;
  out[at] = dots.x;
  if (k + 1u < i) { out[at + 1u] = dots.y; }
  if (k + 2u < i) { out[at + 2u] = dots.z; }
  if (k + 3u < i) { out[at + 3u] = dots.w; }
}
