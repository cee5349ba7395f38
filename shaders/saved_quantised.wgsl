// saved_quantised: what the forward pass left for the backward pass, as codes (included): element i is
//          saved_value(i)·saved_scale(its group)
// shapes   saved u32[⌈elements·BITS/32⌉], 32/BITS codes a word from its lowest bits up   deviations f32[groups]
// dispatch none: functions only; the same ones as in saved_exact
// races    none: read only
// source   Chakrabarti & Moseley 2019, arXiv 1901.07988, §3
@group(0) @binding(1) var<storage, read> saved: array<u32>;
@group(0) @binding(2) var<storage, read> deviations: array<f32>;
override BITS: u32 = 8u;
override SAVED_RELU: bool = true; // what was not above 0 stands for 0

fn code_at(i: u32) -> u32 {
  let in_word = 32u / BITS;
  return (saved[i / in_word] >> (i % in_word * BITS)) & ((1u << BITS) - 1u);
}

fn saved_positive(i: u32) -> bool { return code_at(i) >> (BITS - 1u) == 1u; }

// In bins: the middle of the code's own.
fn saved_value(i: u32) -> f32 {
  let code = code_at(i);
  let middle = f32(code) - f32(1u << (BITS - 1u)) + 0.5;
  if (SAVED_RELU) { return max(middle, 0.0); }
  return middle;
}

fn saved_scale(group: u32) -> f32 { return deviations[group] * 6.0 / f32(1u << BITS); }
