// embedding_project_backward_weight: out[part, block, i, j] = Σ of gathered[b, slot + i]·dVectors[b, field, j]
//          over the part-th of `parts` equal shares of the block's examples: in order where the lookup has one block,
//          else in the order of the row index
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   occurrences u32[train slots, batch·lookups]   gathered = saved, [batch, width]
//          dVectors f32[batch, fields, D]   out f32[parts, projection elements]
//          row tiles u32[row_tiles, 4] (in constants): block, first quad of rows of its projection, field, group of its slot
// dispatch see product_tiled, product_quads, product_blocked: tiles of dim × D of every (part, block)
// races    none: every thread writes its own elements, and sums in a fixed order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  tiles: u32, // parts·row_tiles·column_tiles
  row_tiles: u32,
  column_tiles: u32,
  parts: u32,
  width: u32,
  fields: u32,
  lookups: u32,
  batch_lookups: u32, // batch·lookups
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  base_dim: u32,
  lookups_at: u32,
  blocks_at: u32,
  row_tiles_at: u32,
  gathered_at: u32,
  d_vectors_at: u32,
  out_at: u32,
  part_stride: u32, // projection elements
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
#include "saved_$saved.wgsl"
@group(0) @binding(3) var<storage, read> constants: array<u32>;
@group(0) @binding(4) var<storage, read> rows: array<u32>;
@group(0) @binding(5) var<storage, read> occurrences: array<u32>;
@group(0) @binding(6) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"
#include "product_$product.wgsl"

const SYMMETRIC = false;
const LEFT_ALONG_K = false;
const RIGHT_ALONG_K = false;

struct Tile {
  left: u32, // first quad of the projection's rows
  right: u32,
  part: u32,
  block: u32,
  field: u32,
  lookup: u32,
  slot: u32,
  dim: u32,
  projection: u32,
  in_row_order: bool,
  group: u32, // of the slot
}

fn tile_at(index: u32) -> Tile {
  let column = index % sizes.column_tiles;
  let at = sizes.row_tiles_at + 4u * (index / sizes.column_tiles % sizes.row_tiles);
  let part = index / sizes.column_tiles / sizes.row_tiles;
  let lookup = constants[sizes.blocks_at + constants[at] * 8u];
  let block = block_at(constants[at]);
  return Tile(
    constants[at + 1u], column * RIGHT_QUADS, part, constants[at], constants[at + 2u],
    lookup, slot_offset(lookup), block.dim, block.projection, block_count(lookup) > 1u, constants[at + 3u],
  );
}

// First of the lookup's occurrences, which are sorted by row, whose row is not below `row`. The lookups
// before it have a space each, and `count` occurrences.
fn first_occurrence(lookup: u32, row: u32) -> u32 {
  let slot_start = current.slot * sizes.batch_lookups;
  let slot = current.slot * sizes.row_stride;
  var low = lookup * current.count;
  var high = low + current.count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (rows[slot + occurrences[slot_start + middle]] < row) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

// Of examples, or of occurrences in the row index.
fn k_range(index: u32) -> vec2u {
  let tile = tile_at(index);
  var first = 0u;
  var end = current.count;
  if (tile.in_row_order) {
    let block = block_at(tile.block);
    first = first_occurrence(tile.lookup, block.first_id);
    end = first_occurrence(tile.lookup, block.first_id + block.rows);
  }
  let share = (end - first + sizes.parts - 1u) / sizes.parts;
  let begin = min(end, first + tile.part * share);
  return vec2u(begin, min(end, begin + share));
}

fn is_wanted(tile: Tile, left: u32, right: u32) -> bool {
  return 4u * left < tile.dim && 4u * right < sizes.base_dim;
}

// Four elements of an example: at + example·stride. Those past the edge repeat the last one and are not stored.
struct Elements {
  at: vec4u,
  stride: u32,
  occurrences_at: u32, // or EVERY_EXAMPLE
  lookups: u32,
}
alias Rows = Elements;
alias Columns = Elements;
const EVERY_EXAMPLE = 0xffffffffu;

fn elements_of(tile: Tile, at: vec4u, stride: u32) -> Elements {
  let occurrences_at = select(EVERY_EXAMPLE, current.slot * sizes.batch_lookups, tile.in_row_order);
  return Elements(at, stride, occurrences_at, sizes.lookups);
}

fn positions(elements: Elements, k: u32) -> vec4u {
  var example = k;
  if (elements.occurrences_at != EVERY_EXAMPLE) { example = occurrences[elements.occurrences_at + k] / elements.lookups; }
  return elements.at + example * elements.stride;
}

fn rows_of(tile: Tile, quad: u32) -> Rows {
  let i = min(4u * quad + vec4u(0u, 1u, 2u, 3u), vec4u(tile.dim - 1u));
  return elements_of(tile, sizes.gathered_at + tile.slot + i, sizes.width);
}
fn left(rows: Rows, k: u32) -> vec4f {
  let at = positions(rows, k);
  return vec4f(saved_value(at.x), saved_value(at.y), saved_value(at.z), saved_value(at.w));
}

fn columns_of(tile: Tile, column: u32) -> Columns {
  let D = sizes.base_dim;
  let j = min(column + vec4u(0u, 1u, 2u, 3u), vec4u(D - 1u));
  return elements_of(tile, sizes.d_vectors_at + tile.field * D + j, sizes.fields * D);
}
fn right(columns: Columns, k: u32) -> vec4f {
  let at = positions(columns, k);
  return vec4f(d_vectors[at.x], d_vectors[at.y], d_vectors[at.z], d_vectors[at.w]);
}

fn store(tile: Tile, i: u32, right: u32, products: vec4f) {
  if (i >= tile.dim) { return; }
  let sums = products * saved_scale(tile.group);
  let D = sizes.base_dim;
  let j = 4u * right;
  let at = sizes.out_at + tile.part * sizes.part_stride + tile.projection + i * D + j;
  out[at] = sums.x;
  if (j + 1u < D) { out[at + 1u] = sums.y; }
  if (j + 2u < D) { out[at + 2u] = sums.z; }
  if (j + 3u < D) { out[at + 3u] = sums.w; }
}
