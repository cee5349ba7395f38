// embedding_project_backward_weight: out[part, block, i, j] = Σ of stored[b, slot + i]·dVectors[b, field, j]
//          over the part-th of `parts` equal shares of the block's lookups, in plan order
// shapes   rows u32[batch, lookups], or ids u32[slots, batch, lookups]   occurrences u32[train slots, batch·lookups]   stored f32[batch, width]
//          dVectors f32[batch, fields, D]   out f32[parts, projection elements]
//          tiles u32[row tiles, 3] (in constants): block, first of 4 rows of its projection, field
// dispatch one thread per (part, tile of 4 rows × 4 columns of a projection)
// races    none: every thread writes its own elements, and sums in a fixed order
// source   Ginart et al. 2019, arXiv 1909.11810, eq. 3
struct Sizes {
  threads: u32, // parts·row tiles·⌈D/4⌉
  row_tiles: u32,
  parts: u32,
  width: u32,
  fields: u32,
  lookups: u32,
  batch_lookups: u32, // batch·lookups
  row_stride: u32, // rows of a slot; 0: rows are made anew in every step
  base_dim: u32,
  lookups_at: u32,
  blocks_at: u32,
  tiles_at: u32,
  stored_at: u32,
  d_vectors_at: u32,
  out_at: u32,
  part_stride: u32, // projection elements
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> occurrences: array<u32>;
@group(0) @binding(4) var<storage, read> stored: array<f32>;
@group(0) @binding(5) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "embedding_layout.wgsl"

override THREADS: u32 = 64u;

// First of the lookup's occurrences, which are sorted by row, whose row is not below `row`. The lookups
// before it have a space each, and `count` occurrences.
fn first_occurrence(lookup: u32, row: u32) -> u32 {
  let plan = current.slot * sizes.batch_lookups;
  let slot = current.slot * sizes.row_stride;
  var low = lookup * current.count;
  var high = low + current.count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (rows[slot + occurrences[plan + middle]] < row) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = group_index(group, groups) * THREADS + local;
  if (thread >= sizes.threads) { return; }
  let D = sizes.base_dim;
  let column_tiles = (D + 3u) / 4u;
  let j = (thread % column_tiles) * 4u;
  let tile = (thread / column_tiles) % sizes.row_tiles;
  let part = thread / column_tiles / sizes.row_tiles;
  let block_index = constants[sizes.tiles_at + tile * 3u];
  let i = constants[sizes.tiles_at + tile * 3u + 1u];
  let field = constants[sizes.tiles_at + tile * 3u + 2u];
  let lookup = constants[sizes.blocks_at + block_index * 8u];
  let block = block_at(block_index);

  var first = lookup * current.count;
  var end = first + current.count;
  if (constants[sizes.lookups_at + lookup * 4u + 1u] > 1u) {
    first = first_occurrence(lookup, block.first_id);
    end = first_occurrence(lookup, block.first_id + block.rows);
  }
  let share = (end - first + sizes.parts - 1u) / sizes.parts;
  let begin = min(end, first + part * share);
  let to = min(end, begin + share);

  // Rows and columns past the edge repeat the last one and are not stored.
  let elements = slot_offset(lookup) + min(vec4u(i, i + 1u, i + 2u, i + 3u), vec4u(block.dim - 1u));
  let columns = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(D - 1u));
  var sum: array<vec4f, 4>;
  for (var k = begin; k < to; k++) {
    let b = occurrences[current.slot * sizes.batch_lookups + k] / sizes.lookups;
    let s = elements + sizes.stored_at + b * sizes.width;
    let d = columns + sizes.d_vectors_at + (b * sizes.fields + field) * D;
    let gradient = vec4f(d_vectors[d.x], d_vectors[d.y], d_vectors[d.z], d_vectors[d.w]);
    sum[0] += stored[s.x] * gradient;
    sum[1] += stored[s.y] * gradient;
    sum[2] += stored[s.z] * gradient;
    sum[3] += stored[s.w] * gradient;
  }
  let at = sizes.out_at + part * sizes.part_stride + block.projection + i * D + j;
  for (var r = 0u; r < min(4u, block.dim - i); r++) {
    for (var c = 0u; c < min(4u, D - j); c++) { out[at + r * D + c] = sum[r][c]; }
  }
}
