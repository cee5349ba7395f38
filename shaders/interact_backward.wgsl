// interact_backward: dt_i = Σ_{k≠i} dOut[pair i, k]·t_k, and the bottom also dOut's first D; dBottom is 0 where mask ≤ 0
// shapes   bottom, mask, dBottom f32[batch, D]   vectors, dVectors f32[batch, fields, D]
//          dOut f32[batch, (D) + T(T−1)/2], T = fields (+ 1)
// dispatch one thread per (example, 4 vectors × 4 elements)
// races    none: every thread writes its own elements; the sum over k is in order
// source   Naumov et al. 2019, arXiv 1906.00091, §2.1
struct Sizes {
  threads: u32, // batch·⌈T/4⌉·⌈D/4⌉
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

override THREADS: u32 = 64u;
override HAS_BOTTOM: bool = true; // without it bindings 1 and 4 hold vectors again, 6 a scratch word
override HAS_MASK: bool = true;

// Where vector t of example b begins in vectors; t = 0 is the bottom one, if there is one.
fn row_at(b: u32, t: u32) -> u32 {
  let before = select(0u, 1u, HAS_BOTTOM);
  return sizes.vectors_at + (b * (sizes.vectors_count - before) + t - before) * sizes.base_dim;
}

fn pair_gradient(dots: u32, i: u32, k: u32) -> f32 {
  let high = max(max(i, k), 1u);
  return select(d_out[dots + high * (high - 1u) / 2u + min(i, k)], 0.0, i == k);
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
  let T = sizes.vectors_count;
  let column_tiles = (D + 3u) / 4u;
  let row_tiles = (T + 3u) / 4u;
  let j0 = (thread % column_tiles) * 4u;
  let i0 = (thread / column_tiles) % row_tiles * 4u;
  let b = thread / column_tiles / row_tiles;
  // Rows and columns past the edge repeat the last one and are not stored.
  let i = min(vec4u(i0, i0 + 1u, i0 + 2u, i0 + 3u), vec4u(T - 1u));
  let j = min(vec4u(j0, j0 + 1u, j0 + 2u, j0 + 3u), vec4u(D - 1u));
  let begin = sizes.d_out_at + b * sizes.out_width;
  let dots = select(begin, begin + D, HAS_BOTTOM);
  // Named, not an array: software adapters keep an array in memory.
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  var k = 0u;
  if (HAS_BOTTOM) {
    let at = j + sizes.bottom_at + b * D;
    let t = vec4f(bottom[at.x], bottom[at.y], bottom[at.z], bottom[at.w]);
    sum0 += pair_gradient(dots, i.x, 0u) * t;
    sum1 += pair_gradient(dots, i.y, 0u) * t;
    sum2 += pair_gradient(dots, i.z, 0u) * t;
    sum3 += pair_gradient(dots, i.w, 0u) * t;
    k = 1u;
  }
  for (; k < T; k++) {
    let at = j + row_at(b, k);
    let t = vec4f(vectors[at.x], vectors[at.y], vectors[at.z], vectors[at.w]);
    sum0 += pair_gradient(dots, i.x, k) * t;
    sum1 += pair_gradient(dots, i.y, k) * t;
    sum2 += pair_gradient(dots, i.z, k) * t;
    sum3 += pair_gradient(dots, i.w, k) * t;
  }
  let sum = array<vec4f, 4>(sum0, sum1, sum2, sum3);
  for (var r = 0u; r < min(4u, T - i0); r++) {
    for (var c = 0u; c < min(4u, D - j0); c++) {
      let column = j0 + c;
      if (HAS_BOTTOM && i0 + r == 0u) {
        var value = sum[r][c] + d_out[begin + column];
        if (HAS_MASK && !(mask[sizes.mask_at + b * D + column] > 0.0)) { value = 0.0; }
        d_bottom[sizes.d_bottom_at + b * D + column] = value;
      } else {
        let vector = select(b * T + i0 + r, b * (T - 1u) + i0 + r - 1u, HAS_BOTTOM);
        d_vectors[sizes.d_vectors_at + vector * D + column] = sum[r][c];
      }
    }
  }
}
