// embedding_project_backward_input: per part dGathered[b, slot, :] = dVectors[b, field, :] · Pᵀ, P the one matrix of all its
//          examples; copied without a projection
// shapes   dVectors f32[batch, fields, D]   projections f32[*], read transposed   dGathered f32[batch, width]
//          parts u32[part_tiles, 5] (in constants): see embedding_part, its quads of columns those of the slot
// dispatch see product_tiled, product_quads, product_blocked: tiles of examples × dim of every part
// races    none: every thread writes its own elements; the sum over D is in order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  tiles: u32,
  part_tiles: u32,
  parts_at: u32,
  batch: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  d_vectors_at: u32,
  projections_at: u32,
  d_gathered_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(3) var<storage, read> projections: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_gathered: array<f32>;
#include "group.wgsl"
#include "embedding_part.wgsl"
#include "product_$product.wgsl"

const SYMMETRIC = false;
const LEFT_ALONG_K = true;
const RIGHT_ALONG_K = true;

fn k_range(index: u32) -> vec2u {
  return vec2u(0u, select(sizes.base_dim, 0u, tile_at(index).projection == NO_PROJECTION));
}

fn is_wanted(tile: Tile, left: u32, right: u32) -> bool {
  return 4u * left < sizes.batch && 4u * right < tile.dim;
}

// Where the gradients of four examples begin; those past the last one repeat it and are not stored.
alias Rows = vec4u;
fn rows_of(tile: Tile, quad: u32) -> Rows {
  let examples = min(4u * quad + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.batch - 1u));
  return sizes.d_vectors_at + (examples * sizes.fields + tile.field) * sizes.base_dim;
}
fn left(rows: Rows, k: u32) -> vec4f {
  let at = rows + k;
  return vec4f(d_vectors[at.x], d_vectors[at.y], d_vectors[at.z], d_vectors[at.w]);
}

// Where four rows of the projection begin.
alias Columns = vec4u;
fn columns_of(tile: Tile, column: u32) -> Columns {
  let i = min(column + vec4u(0u, 1u, 2u, 3u), vec4u(tile.dim - 1u));
  return sizes.projections_at + tile.projection + i * sizes.base_dim;
}
fn right(columns: Columns, k: u32) -> vec4f {
  let at = columns + k;
  return vec4f(projections[at.x], projections[at.y], projections[at.z], projections[at.w]);
}

fn store(tile: Tile, b: u32, right: u32, sums: vec4f) {
  if (b >= sizes.batch) { return; }
  let i = 4u * right;
  var values = sums;
  if (tile.projection == NO_PROJECTION) {
    let vector = sizes.d_vectors_at + (b * sizes.fields + tile.field) * sizes.base_dim;
    let source = vector + min(i + vec4u(0u, 1u, 2u, 3u), vec4u(tile.dim - 1u));
    values = vec4f(d_vectors[source.x], d_vectors[source.y], d_vectors[source.z], d_vectors[source.w]);
  }
  let at = sizes.d_gathered_at + b * sizes.width + tile.slot + i;
  d_gathered[at] = values.x;
  if (i + 1u < tile.dim) { d_gathered[at + 1u] = values.y; }
  if (i + 2u < tile.dim) { d_gathered[at + 2u] = values.z; }
  if (i + 3u < tile.dim) { d_gathered[at + 3u] = values.w; }
}
