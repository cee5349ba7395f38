// group: the number of a workgroup, for counts beyond the 65,535 of one dimension (included)
// shapes   groups in x, then y
// dispatch see gridOf in src/backend/webgpu/kernel.ts
// races    none: pure functions
fn group_index(group: vec3u, groups: vec3u) -> u32 {
  return group.x + group.y * groups.x;
}
