// hash_encode: out[b·parts + p, i] = hash4(seed, f, ids[b, f], i) as one of 2²⁴ even steps of [−1, 1), f = listed[p]
// shapes   ids u32[slots, batch, fields]   out f32[batch·parts, hashes]   listed u32[parts] (in constants)
// dispatch one thread per element of out
// races    none: every thread writes its own element; exact in float32, the same bits as on the CPU
// source   Kang et al. 2021, arXiv 2010.10784, §3.1, with the hash of shaders/hash.wgsl
struct Sizes {
  elements: u32, // batch·parts·hashes
  hashes: u32,
  parts: u32,
  fields: u32,
  slot_ids: u32, // batch·fields
  seed: u32,
  fields_at: u32,
  out_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "hash.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let n = group_index(group, groups) * THREADS + local;
  if (n >= sizes.elements) { return; }
  let i = n % sizes.hashes;
  let b = n / sizes.hashes / sizes.parts;
  let field = constants[sizes.fields_at + n / sizes.hashes % sizes.parts];
  let id = ids[current.slot * sizes.slot_ids + b * sizes.fields + field];
  out[sizes.out_at + n] = f32(hash4(sizes.seed, field, id, i) >> 8u) * 0x1p-23 - 1.0;
}
