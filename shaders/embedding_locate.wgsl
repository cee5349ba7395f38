// embedding_locate: rows[b, s] = the row that lookup s reads for example b, by the address of the lookup
// shapes   ids u32[slots, batch, fields]   rows u32[batch, lookups]
//          addresses u32[lookups, 8] (in constants): field, kind, and what the kind needs
//          digit: divisor, rows   split: hot, cold   hash: seed, part, within, rows
//          signature: seed, first row, dimension, K, picked bytes (8 bits each, the first lowest), rows
//          signatures u32[rows over all fields, 2], read by signature alone
// dispatch one thread per element of rows
// races    none: every thread writes its own element
// source   src/program/lookup.ts, which gives the same bits
struct Sizes {
  elements: u32, // batch·lookups
  lookups: u32,
  fields: u32,
  slot_ids: u32, // batch·fields
  addresses_at: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> constants: array<u32>;
@group(0) @binding(2) var<storage, read> ids: array<u32>;
@group(0) @binding(3) var<storage, read> signatures: array<u32>;
@group(0) @binding(4) var<storage, read_write> rows: array<u32>;
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
  let i = group_index(group, groups) * THREADS + local;
  if (i >= sizes.elements) { return; }
  let at = sizes.addresses_at + (i % sizes.lookups) * 8u;
  let field = constants[at];
  let id = ids[current.slot * sizes.slot_ids + (i / sizes.lookups) * sizes.fields + field];
  let a = constants[at + 2u];
  let b = constants[at + 3u];
  var row = 0u;
  switch constants[at + 1u] {
    case 0u: { row = id / a % b; }
    case 1u: { if (id < a) { row = id; } else { row = a + (id - a) % b; } }
    case 2u: {
      let modulus = constants[at + 5u];
      row = (hash4(a, field, id, b) % modulus + constants[at + 4u]) % modulus;
    }
    default: {
      var word = 0u;
      for (var k = 0u; k < constants[at + 5u]; k++) {
        let byte = (constants[at + 6u] >> (8u * k)) & 255u;
        let half = signatures[2u * (b + id) + (byte >> 2u)];
        word = (word << 8u) | ((half >> (8u * (byte & 3u))) & 255u);
      }
      row = hash4(a, constants[at + 4u], word, constants[at + 5u]) % constants[at + 7u];
    }
  }
  rows[i] = row;
}
