// update_deviations: deviation[group] = standard deviation from the means and squares of its parts; its variance is averaged with
//          those of the steps before, but for the first
// shapes   parts f32[groups, parts, 2], made by measure_deviations   groups u32[groups, 2] (in constants)   deviations f32[groups]
// dispatch one thread per group
// races    none: every thread writes its own element; parts are merged in order
// source   Chan, Golub & LeVeque 1983, for two parts
struct Sizes {
  groups: u32,
  part_count: u32,
  example_rows: u32, // rows of an example
  groups_at: u32,
  deviations_at: u32,
  decay: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<f32>;
@group(0) @binding(3) var<storage, read_write> deviations: array<f32>;
#include "step.wgsl"
#include "group.wgsl"
#include "share.wgsl"

override THREADS: u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let group = group_index(workgroup, workgroups) * THREADS + local;
  if (group >= sizes.groups) { return; }
  let width = constants[sizes.groups_at + group * 2u + 1u];
  let elements = current.count * sizes.example_rows * width;
  var count = 0.0;
  var mean = 0.0;
  var squares = 0.0;
  for (var part = 0u; part < sizes.part_count; part++) {
    let own = share_of(elements, sizes.part_count, part);
    if (own.x == own.y) { break; }
    let more = f32(own.y - own.x);
    let at = (group * sizes.part_count + part) * 2u;
    let difference = parts[at] - mean;
    let share = more / (count + more);
    mean += difference * share;
    squares += parts[at + 1u] + difference * difference * count * share;
    count += more;
  }
  let variance = squares / max(1.0, count);
  let before = deviations[sizes.deviations_at + group] * deviations[sizes.deviations_at + group];
  deviations[sizes.deviations_at + group] = sqrt(select(variance, mix(variance, before, sizes.decay), before > 0.0));
}
