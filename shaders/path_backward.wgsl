// path_backward: gradients of path, after path_backward_hidden, with g = dVectors[b, field], d = dHidden[b, part]
//          dz[k] = Σ_i W1[k, i] · d[i]   dW1[k, i] = z[k] · d[i]   db1 = d   dW2[i, j] = hidden[i] · g[j]   db2 = g
// shapes   gathered, dGathered f32[batch, width]: z [D] in a part's first slot; W1 [D, h], b1 [h], W2 [h, D], b2 [D] in
//          its second   dVectors f32[batch, fields, D]   hidden, dHidden f32[batch, parts, widest]
//          parts u32[parts, 3] (in constants): field, first lookup, h
// dispatch one thread per element of the widest part's slots, per part and example: those past the end are idle
// races    none: every thread writes its own element
// source   Shi et al. 2019, arXiv 1909.02107, §4
struct Sizes {
  elements: u32, // batch·parts·slots
  parts: u32,
  width: u32,
  fields: u32,
  base_dim: u32,
  widest: u32,
  slots: u32, // elements of the two slots of the widest part
  parts_at: u32,
  lookups_at: u32,
  gathered_at: u32,
  hidden_at: u32,
  d_vectors_at: u32,
  d_hidden_at: u32,
  d_gathered_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> hidden: array<f32>;
@group(0) @binding(4) var<storage, read> d_vectors: array<f32>;
@group(0) @binding(5) var<storage, read> d_hidden: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_gathered: array<f32>;
#include "group.wgsl"
#include "path_part.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let n = group_index(group, groups) * THREADS + local;
  if (n >= sizes.elements) { return; }
  let D = sizes.base_dim;
  let b = n / sizes.slots / sizes.parts;
  let index = n / sizes.slots % sizes.parts;
  let part = part_at(index, sizes.gathered_at + b * sizes.width);
  let to = part_at(index, sizes.d_gathered_at + b * sizes.width);
  let h = part.hidden;
  let g = sizes.d_vectors_at + (b * sizes.fields + part.field) * D;
  let units = (b * sizes.parts + index) * sizes.widest;
  var e = n % sizes.slots;
  if (e < D) {
    var value = 0.0;
    for (var i = 0u; i < h; i++) { value += gathered[part.w1 + e * h + i] * d_hidden[sizes.d_hidden_at + units + i]; }
    d_gathered[to.z + e] = value;
    return;
  }
  e -= D;
  if (e < D * h) {
    d_gathered[to.w1 + e] = gathered[part.z + e / h] * d_hidden[sizes.d_hidden_at + units + e % h];
    return;
  }
  e -= D * h;
  if (e < h) {
    d_gathered[to.b1 + e] = d_hidden[sizes.d_hidden_at + units + e];
    return;
  }
  e -= h;
  if (e < h * D) {
    d_gathered[to.w2 + e] = hidden[sizes.hidden_at + units + e / D] * d_vectors[g + e % D];
    return;
  }
  e -= h * D;
  if (e < D) { d_gathered[to.b2 + e] = d_vectors[g + e]; }
}
