// l2_penalty: dVectors += 2·weight/count · vectors for b < count: the gradient of weight · mean_b Σ_f ‖e_f‖²
// shapes   vectors, dVectors f32[batch, fields, D]
// dispatch one thread per element
// races    none: every thread reads and writes its own element
struct Sizes {
  elements: u32,
  example_elements: u32, // fields·D
  twice_weight: f32,
  vectors_at: u32,
  d_vectors_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_vectors: array<f32>;
#include "step.wgsl"
#include "group.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements || i >= current.count * sizes.example_elements) { return; }
  d_vectors[sizes.d_vectors_at + i] += sizes.twice_weight / f32(current.count) * vectors[sizes.vectors_at + i];
}
