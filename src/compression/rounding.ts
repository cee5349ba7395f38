import type { DimLimits } from './method.ts';

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/**
 * 2^round(log2 whole): 1→1, 2→2, 3→4, 4,5→4, 6 … 11→8. The nearest on a log scale: boundaries are
 * √2·2^k, which no whole number meets, so there are no ties. whole < 2^32.
 */
function roundToPowerOfTwo(whole: number): number {
  const below = 2 ** (31 - Math.clz32(whole));
  return whole * whole > 2 * below * below ? 2 * below : below;
}

/** A real dim as it can be stored: at least 1, at most the cap, rounded as DLRM's code does. */
export function storedDim(dim: number, limits: DimLimits): number {
  return Math.min(largestDim(limits), roundDim(Math.max(1, dim), limits.rounding));
}

export function roundDim(dim: number, rounding: DimLimits['rounding']): number {
  if (rounding === 'none') return dim;
  const whole = roundHalfToEven(dim);
  return rounding === 'integer' ? whole : roundToPowerOfTwo(whole);
}

/** The largest dim that the cap and the rounding allow. */
export function largestDim({ rounding, maxDim }: DimLimits): number {
  return rounding === 'power-of-two' ? largestPowerOfTwo(maxDim) : maxDim;
}

/** The largest dim that is not above `dim`. */
export function dimAtMost(dim: number, limits: DimLimits): number {
  const { rounding } = limits;
  const below = rounding === 'none' ? dim : rounding === 'integer' ? Math.floor(dim) : largestPowerOfTwo(dim);
  return Math.min(largestDim(limits), below);
}

function largestPowerOfTwo(upTo: number): number {
  return 2 ** Math.floor(Math.log2(upTo));
}
