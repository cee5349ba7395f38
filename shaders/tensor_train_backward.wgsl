// tensor_train_backward: gradients of tensor_train with respect to the three cores, g = dVectors[b, field]
//          dG1[a, s]    = Σ_c Σ_t G2[s, c, t] · Σ_e g[a, c, e] · G3[t, e]
//          dG2[s, c, t] = Σ_a G1[a, s] · Σ_e g[a, c, e] · G3[t, e]
//          dG3[t, e]    = Σ_a Σ_c g[a, c, e] · Σ_s G1[a, s] · G2[s, c, t]
// shapes   gathered, dGathered f32[batch, width]: G1 [q1, r], G2 [r, q2, r], G3 [r, q3] in a part's slots
//          dVectors f32[batch, fields, D]   parts u32[parts, 6] (in constants): field, first lookup, r, q1, q2, q3
// dispatch one thread per element of the widest part's cores, per part and example: those past the end are idle
// races    none: every thread writes its own element, summed in order
// source   Yin et al. 2021, arXiv 2101.11714, §4.2
struct Sizes {
  elements: u32, // batch·parts·widest
  parts: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  widest: u32, // elements of the cores of the widest part
  d_vectors_at: u32,
  d_gathered_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_gathered: array<f32>;
#include "group.wgsl"
#include "tensor_train_part.wgsl"

override THREADS: u32 = 64u;

// Σ_e g[a, c, e] · G3[t, e]
fn through_third(part: Part, g: u32, a: u32, c: u32, t: u32) -> f32 {
  let row = g + (a * part.q2 + c) * part.q3;
  var sum = 0.0;
  for (var e = 0u; e < part.q3; e++) { sum += d_vectors[row + e] * gathered[part.third + t * part.q3 + e]; }
  return sum;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  let b = i / sizes.widest / sizes.parts;
  let part = part_at(i / sizes.widest % sizes.parts, b);
  let r = part.rank;
  let g = sizes.d_vectors_at + (b * sizes.fields + part.field) * sizes.base_dim;
  let d_row = sizes.d_gathered_at + b * sizes.width;
  var j = i % sizes.widest;
  var sum = 0.0;
  if (j < part.q1 * r) {
    let a = j / r;
    let s = j % r;
    for (var c = 0u; c < part.q2; c++) {
      let row = part.second + (s * part.q2 + c) * r;
      for (var t = 0u; t < r; t++) { sum += gathered[row + t] * through_third(part, g, a, c, t); }
    }
    d_gathered[d_row + part.slots.x + j] = sum;
    return;
  }
  j -= part.q1 * r;
  if (j < r * part.q2 * r) {
    let t = j % r;
    let c = j / r % part.q2;
    let s = j / r / part.q2;
    for (var a = 0u; a < part.q1; a++) { sum += gathered[part.first + a * r + s] * through_third(part, g, a, c, t); }
    d_gathered[d_row + part.slots.y + j] = sum;
    return;
  }
  j -= r * part.q2 * r;
  if (j >= r * part.q3) { return; }
  let e = j % part.q3;
  let t = j / part.q3;
  for (var a = 0u; a < part.q1; a++) {
    for (var c = 0u; c < part.q2; c++) {
      var product = 0.0;
      for (var s = 0u; s < r; s++) {
        product += gathered[part.first + a * r + s] * gathered[part.second + (s * part.q2 + c) * r + t];
      }
      sum += d_vectors[g + (a * part.q2 + c) * part.q3 + e] * product;
    }
  }
  d_gathered[d_row + part.slots.z + j] = sum;
}
