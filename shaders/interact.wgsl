// interact: out = [bottom, ⟨t_i, t_k⟩ for i > k], t = [bottom, vectors…]; without bottom the dots alone
// shapes   bottom f32[batch, D]   vectors f32[batch, fields, D]   out f32[batch, (D) + T(T−1)/2], T = fields (+ 1)
// dispatch one thread per (example, 4×4 tile of the lower triangle, diagonal tiles included)
// races    none: every thread writes its own elements; dots are summed in order
// source   Naumov et al. 2019, arXiv 1906.00091, §2.1
struct Sizes {
  threads: u32, // batch·tiles
  tiles: u32, // of an example: R(R + 1)/2, R = ⌈T/4⌉
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

override THREADS: u32 = 64u;
override HAS_BOTTOM: bool = true; // without it the binding holds vectors again

// Where vector t of example b begins in vectors; t = 0 is the bottom one, if there is one.
fn row_at(b: u32, t: u32) -> u32 {
  let before = select(0u, 1u, HAS_BOTTOM);
  return sizes.vectors_at + (b * (sizes.vectors_count - before) + t - before) * sizes.base_dim;
}

fn element(b: u32, t: u32, j: u32) -> f32 {
  if (HAS_BOTTOM && t == 0u) { return bottom[sizes.bottom_at + b * sizes.base_dim + j]; }
  return vectors[row_at(b, t) + j];
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
  let b = thread / sizes.tiles;
  let tile = thread % sizes.tiles;
  let tile_row = triangle_row(tile);
  let i0 = tile_row * 4u;
  let k0 = (tile - tile_row * (tile_row + 1u) / 2u) * 4u;
  // Vectors past the last one repeat it and are not stored.
  let last = vec4u(sizes.vectors_count - 1u);
  let i = min(vec4u(i0, i0 + 1u, i0 + 2u, i0 + 3u), last);
  let k = min(vec4u(k0, k0 + 1u, k0 + 2u, k0 + 3u), last);
  // Only the first vector of a tile can be the bottom one.
  let i1 = row_at(b, i.y);
  let i2 = row_at(b, i.z);
  let i3 = row_at(b, i.w);
  let k1 = row_at(b, k.y);
  let k2 = row_at(b, k.z);
  let k3 = row_at(b, k.w);
  // Named, not an array: software adapters keep an array in memory.
  var dots0 = vec4f();
  var dots1 = vec4f();
  var dots2 = vec4f();
  var dots3 = vec4f();
  for (var j = 0u; j < D; j++) {
    let right = vec4f(element(b, k.x, j), vectors[k1 + j], vectors[k2 + j], vectors[k3 + j]);
    dots0 += element(b, i.x, j) * right;
    dots1 += vectors[i1 + j] * right;
    dots2 += vectors[i2 + j] * right;
    dots3 += vectors[i3 + j] * right;
  }
  let dots = array<vec4f, 4>(dots0, dots1, dots2, dots3);
  var at = sizes.out_at + b * sizes.out_width;
  if (HAS_BOTTOM) {
    for (var j = tile; j < D; j += sizes.tiles) { out[at + j] = bottom[sizes.bottom_at + b * D + j]; }
    at += D;
  }
  for (var r = 0u; r < 4u; r++) {
    let row = i0 + r;
    if (row >= sizes.vectors_count) { break; }
    for (var c = 0u; c < 4u; c++) {
      if (k0 + c < row) { out[at + row * (row - 1u) / 2u + k0 + c] = dots[r][c]; }
    }
  }
}
