// permute: a seeded bijection of 0 … 2^bits − 1, bit for bit as in src/random/permutation.ts (included)
// shapes   a seed and bits ≤ 31 in, then an index in and an index out
// dispatch none: functions only
// races    none: pure
#include "hash.wgsl"

const GOLDEN = 0x9e3779b9u;

struct Permutation {
  multipliers: vec4u,
  addends: vec4u,
  mask: u32,
  shift: u32,
}

fn permutation(seed: u32, bits: u32) -> Permutation {
  var p: Permutation;
  for (var round = 0u; round < 4u; round++) {
    let key = mix32(seed + (round + 1u) * GOLDEN) | 1u;
    p.multipliers[round] = key;
    p.addends[round] = mix32(key + GOLDEN);
  }
  p.mask = (1u << bits) - 1u;
  p.shift = max(1u, (bits + 1u) >> 1u);
  return p;
}

fn permute(p: Permutation, index: u32) -> u32 {
  var x = index;
  for (var round = 0u; round < 4u; round++) {
    x = (x * p.multipliers[round] + p.addends[round]) & p.mask;
    x ^= x >> p.shift;
  }
  return x;
}
