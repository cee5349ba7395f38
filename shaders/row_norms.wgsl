// row_norms: norms[i] = factors[i]²·‖table[i, :]·change‖²
// shapes   table f32[rows, columns]   factors f32[rows], if WEIGHS   change f32[columns, width]   norms f32[rows]
// dispatch one thread per row
// races    none: every thread writes its own element
struct Sizes {
  rows: u32,
  columns: u32,
  width: u32,
  table_at: u32,
  factors_at: u32,
  change_at: u32,
  norms_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read> change: array<f32>;
@group(0) @binding(4) var<storage, read_write> norms: array<f32>;
#include "group.wgsl"

override THREADS: u32 = 64u;
override WEIGHS: bool = true;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = group_index(group, groups) * THREADS + local;
  if (row >= sizes.rows) { return; }
  let at = sizes.table_at + row * sizes.columns;
  var norm = 0.0;
  for (var k = 0u; k < sizes.width; k++) {
    var across = 0.0;
    for (var j = 0u; j < sizes.columns; j++) {
      across += values[at + j] * change[sizes.change_at + j * sizes.width + k];
    }
    norm += across * across;
  }
  if (WEIGHS) { norm *= factors[sizes.factors_at + row] * factors[sizes.factors_at + row]; }
  norms[sizes.norms_at + row] = norm;
}
