// refine_basis: basis_c = what keep·basis_c + gain·step_c/σ_c leaves of the vectors before it, made a unit vector, for
//          c = 0, 1, …: a thin QR by classical Gram–Schmidt, twice. A vector in the span of those before it gives way
//          to what they leave of a unit vector. Then, if asked, σ_c = keep·σ_c + gain·⟨basis_c, step_c⟩ and bias = (bias +) sums
// shapes   basis, step: element r of vector c at c·next + r·stride, r < length, c < rank   σ f32[rank]: all of them in factors
//          but step   bias f32[bias_elements], sums at sums_at of step
// dispatch one workgroup of 256 threads
// races    none: a thread stores its own elements of a vector, barriers lie between that and other threads' reads, and
//          sums go by a fixed tree
// source   Huang et al. 2020, arXiv 2004.12041; Giraud et al. 2005: twice is enough
struct Sizes {
  rank: u32,
  length: u32,
  next: u32,
  stride: u32,
  basis_at: u32,
  step_at: u32,
  sigma_at: u32,
  measures: u32,
  bias_elements: u32,
  bias_at: u32,
  sums_at: u32,
  adds: u32,
  keep: f32,
  gain: f32,
  least_sigma: f32, // |σ| of which this share of the largest is more counts as that
  zero_sigma: f32, // the largest |σ| below this: there is none
  least_residual: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> step: array<f32>;
@group(0) @binding(2) var<storage, read_write> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> bias: array<f32>;
#include "workgroup_sum.wgsl"

const THREADS = 256u;
alias Sum = f32;
const LANES = 16u; // vectors side by side in a dot product
const SHARES = THREADS / LANES;
const MAX_RANK = 64u;
var<workgroup> sums: array<f32, THREADS>;
var<workgroup> dots: array<f32, MAX_RANK>;

fn at(c: u32, r: u32) -> u32 { return c * sizes.next + r * sizes.stride; }

// sums[lane] = Σ of the values of the lane's threads.
fn sum_lanes(value: f32, local: u32) {
  workgroupBarrier();
  sums[local] = value;
  workgroupBarrier();
  for (var half = SHARES / 2u; half > 0u; half /= 2u) {
    if (local < half * LANES) { sums[local] += sums[local + half * LANES]; }
    workgroupBarrier();
  }
}

fn square(c: u32, local: u32) -> f32 {
  var sum = 0.0;
  for (var r = local; r < sizes.length; r += THREADS) {
    let v = factors[sizes.basis_at + at(c, r)];
    sum += v * v;
  }
  return workgroup_sum(sum, local);
}

// Takes the projections on the vectors before c off vector c, and returns the square of what is left.
fn take_off(c: u32, local: u32) -> f32 {
  let lane = local % LANES;
  for (var turn = 0u; turn < 2u; turn++) {
    storageBarrier();
    for (var p0 = 0u; p0 < c; p0 += LANES) {
      let p = p0 + lane;
      var sum = 0.0;
      if (p < c) {
        for (var r = local / LANES; r < sizes.length; r += SHARES) {
          sum += factors[sizes.basis_at + at(p, r)] * factors[sizes.basis_at + at(c, r)];
        }
      }
      sum_lanes(sum, local);
      if (local < LANES && p < c) { dots[p] = sums[local]; }
    }
    workgroupBarrier();
    for (var r = local; r < sizes.length; r += THREADS) {
      var v = factors[sizes.basis_at + at(c, r)];
      for (var p = 0u; p < c; p++) { v -= dots[p] * factors[sizes.basis_at + at(p, r)]; }
      factors[sizes.basis_at + at(c, r)] = v;
    }
  }
  return square(c, local);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32) {
  var largest = 0.0;
  for (var c = 0u; c < sizes.rank; c++) { largest = max(largest, abs(factors[sizes.sigma_at + c])); }
  for (var c = 0u; c < sizes.rank; c++) {
    let sigma = factors[sizes.sigma_at + c];
    var inverse = 0.0;
    if (largest >= sizes.zero_sigma) {
      inverse = select(1.0, -1.0, sigma < 0.0) / max(abs(sigma), sizes.least_sigma * largest);
    }
    for (var r = local; r < sizes.length; r += THREADS) {
      let i = at(c, r);
      let kept = sizes.keep * factors[sizes.basis_at + i];
      factors[sizes.basis_at + i] = kept + sizes.gain * inverse * step[sizes.step_at + i];
    }
    let before = square(c, local);
    var left = take_off(c, local);
    if (!(left > sizes.least_residual * sizes.least_residual * before)) {
      // Some unit vector keeps 1/√length of itself at least.
      for (var j = 0u; j < sizes.length; j++) {
        for (var r = local; r < sizes.length; r += THREADS) {
          factors[sizes.basis_at + at(c, r)] = select(0.0, 1.0, r == (c + j) % sizes.length);
        }
        left = take_off(c, local);
        if (left > 0.5 / f32(sizes.length)) { break; }
      }
    }
    for (var r = local; r < sizes.length; r += THREADS) { factors[sizes.basis_at + at(c, r)] /= sqrt(left); }
    storageBarrier();
  }
  if (sizes.measures == 1u) {
    for (var c0 = 0u; c0 < sizes.rank; c0 += LANES) {
      let c = c0 + local % LANES;
      var sum = 0.0;
      if (c < sizes.rank) {
        for (var r = local / LANES; r < sizes.length; r += SHARES) {
          sum += factors[sizes.basis_at + at(c, r)] * step[sizes.step_at + at(c, r)];
        }
      }
      sum_lanes(sum, local);
      if (local < LANES && c < sizes.rank) {
        factors[sizes.sigma_at + c] = sizes.keep * factors[sizes.sigma_at + c] + sizes.gain * sums[local];
      }
    }
  }
  for (var j = local; j < sizes.bias_elements; j += THREADS) {
    let before = select(0.0, bias[sizes.bias_at + j], sizes.adds == 1u);
    bias[sizes.bias_at + j] = before + step[sizes.sums_at + j];
  }
}
