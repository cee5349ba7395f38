// tensor_train: per part vectors[b, field, (a·q2 + c)·q3 + e] = Σ_s Σ_t G1[a, s] · G2[s, c, t] · G3[t, e]
// shapes   gathered f32[batch, width]: G1 [q1, r], G2 [r, q2, r], G3 [r, q3] in a part's slots, q1·q2·q3 = D
//          vectors f32[batch, fields, D]
//          parts u32[parts, 6] (in constants): field, first lookup, r, q1, q2, q3
// dispatch one thread per element of the parts' vectors: r² products each
// races    none: every thread writes its own element, summed in order
// source   Yin et al. 2021, arXiv 2101.11714, eq. 3
struct Sizes {
  elements: u32, // batch·parts·D
  parts: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read_write> vectors: array<f32>;
#include "group.wgsl"
#include "tensor_train_part.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  let D = sizes.base_dim;
  let j = i % D;
  let b = i / D / sizes.parts;
  let part = part_at(i / D % sizes.parts, b);
  let r = part.rank;
  let e = j % part.q3;
  let c = j / part.q3 % part.q2;
  let a = j / part.q3 / part.q2;
  var value = 0.0;
  for (var s = 0u; s < r; s++) {
    let row = part.second + (s * part.q2 + c) * r;
    var inner = 0.0;
    for (var t = 0u; t < r; t++) { inner += gathered[row + t] * gathered[part.third + t * part.q3 + e]; }
    value += gathered[part.first + a * r + s] * inner;
  }
  vectors[sizes.vectors_at + (b * sizes.fields + part.field) * D + j] = value;
}
