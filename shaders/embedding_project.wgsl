// embedding_project: per part vectors[b, field, :] = gathered[b, slot, 0 … dim) · P, the one matrix of all its examples;
//          D floats copied without a projection
// shapes   gathered f32[batch, width]   projections f32[*]   vectors f32[batch, fields, D]
//          parts u32[part_tiles, 5] (in constants): see embedding_part, its quads of columns those of the vector
// dispatch see product_tiled, product_quads, product_blocked: tiles of examples × D of every part
// races    none: every thread writes its own elements; the sum over the stored dims is in order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  tiles: u32,
  part_tiles: u32,
  parts_at: u32,
  batch: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  gathered_at: u32,
  projections_at: u32,
  vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> projections: array<f32>;
@group(0) @binding(4) var<storage, read_write> vectors: array<f32>;
#include "group.wgsl"
#include "embedding_part.wgsl"
#include "product_$product.wgsl"

const SYMMETRIC = false;
const LEFT_ALONG_K = true;
const RIGHT_ALONG_K = false;

fn k_range(index: u32) -> vec2u {
  let tile = tile_at(index);
  return vec2u(0u, select(tile.dim, 0u, tile.projection == NO_PROJECTION));
}

fn is_wanted(tile: Tile, left: u32, right: u32) -> bool {
  return 4u * left < sizes.batch && 4u * right < sizes.base_dim;
}

// Where the slots of four examples begin; those past the last one repeat it and are not stored.
alias Rows = vec4u;
fn rows_of(tile: Tile, quad: u32) -> Rows {
  let examples = min(4u * quad + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.batch - 1u));
  return sizes.gathered_at + examples * sizes.width + tile.slot;
}
fn left(rows: Rows, k: u32) -> vec4f {
  let at = rows + k;
  return vec4f(gathered[at.x], gathered[at.y], gathered[at.z], gathered[at.w]);
}

// Where four columns of the projection begin.
struct Columns {
  at: vec4u,
  stride: u32,
}
fn columns_of(tile: Tile, column: u32) -> Columns {
  let D = sizes.base_dim;
  let j = min(column + vec4u(0u, 1u, 2u, 3u), vec4u(D - 1u));
  return Columns(sizes.projections_at + tile.projection + j, D);
}
fn right(columns: Columns, k: u32) -> vec4f {
  let at = columns.at + k * columns.stride;
  return vec4f(projections[at.x], projections[at.y], projections[at.z], projections[at.w]);
}

fn store(tile: Tile, b: u32, right: u32, sums: vec4f) {
  if (b >= sizes.batch) { return; }
  let D = sizes.base_dim;
  let j = 4u * right;
  var values = sums;
  if (tile.projection == NO_PROJECTION) {
    let source = sizes.gathered_at + b * sizes.width + tile.slot + min(j + vec4u(0u, 1u, 2u, 3u), vec4u(D - 1u));
    values = vec4f(gathered[source.x], gathered[source.y], gathered[source.z], gathered[source.w]);
  }
  let at = sizes.vectors_at + (b * sizes.fields + tile.field) * D + j;
  vectors[at] = values.x;
  if (j + 1u < D) { vectors[at + 1u] = values.y; }
  if (j + 2u < D) { vectors[at + 2u] = values.z; }
  if (j + 3u < D) { vectors[at + 3u] = values.w; }
}
