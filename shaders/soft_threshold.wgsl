// soft_threshold: per part vectors[b, field, j] = sign(v)·max(|v| − σ(s), 0), v = gathered[b, slot + j]
// shapes   gathered f32[batch, width]   vectors f32[batch, fields, D]   thresholds f32[parts]: s/rate
//          parts u32[parts, 3] (in constants): field, first lookup, lookups
// dispatch one thread per element of the parts' vectors
// races    none: every thread writes its own element
// source   Liu et al. 2021, arXiv 2101.07577, eq. 4
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
  thresholds_at: u32,
  rate: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> gathered: array<f32>;
@group(0) @binding(3) var<storage, read> thresholds: array<f32>;
@group(0) @binding(4) var<storage, read_write> vectors: array<f32>;
#include "group.wgsl"
#include "threshold.wgsl"

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
  let p = i / D % sizes.parts;
  let b = i / D / sizes.parts;
  let part = sizes.parts_at + p * 3u;
  let slot = constants[sizes.lookups_at + constants[part + 1u] * 4u + 2u];
  let threshold = threshold_of(sizes.rate * thresholds[sizes.thresholds_at + p]);
  let value = gathered[sizes.gathered_at + b * sizes.width + slot + j];
  vectors[sizes.vectors_at + (b * sizes.fields + constants[part]) * D + j] = shrink(value, threshold);
}
