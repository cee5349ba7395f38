import type { DimRule } from './dimRule.ts';

interface Bounds {
  readonly least: number;
  readonly most: number;
  /** How many times a block goes over to its next dim; meaningless for real dims. */
  readonly crossings: number;
}

/**
 * Bounds on the totals for D from low to high, exact where no dim changes.
 * A block with dim d stores (rows + D)·d when it is below the largest dim, rows·D when it is equal.
 */
export function boundTotals(rule: DimRule, low: number, high: number): Bounds {
  const { rows, ratios, rounding } = rule;
  const baseLow = rule.dim(low);
  const baseHigh = rule.dim(high);
  // The largest dim that still has a projection.
  const projectedHigh = rounding === 'none' ? baseHigh : rounding === 'integer' ? baseHigh - 1 : baseHigh / 2;
  let least = 0;
  let most = 0;
  let crossings = 0;
  for (let i = 0; i < rows.length; i++) {
    const dimLow = rule.dim(low * ratios[i]);
    const dimHigh = rule.dim(high * ratios[i]);
    crossings += rounding === 'power-of-two' ? Math.log2(dimHigh / dimLow) : dimHigh - dimLow;
    if (ratios[i] === 1 || (dimLow === baseLow && baseLow === baseHigh)) {
      least += rows[i] * dimLow;
      most += rows[i] * dimHigh;
    } else if (dimHigh < baseLow || staysApart(rule, ratios[i], low, dimHigh)) {
      least += (rows[i] + baseLow) * dimLow;
      most += (rows[i] + baseHigh) * dimHigh;
    } else {
      least += Math.min((rows[i] + baseLow) * dimLow, rows[i] * baseLow);
      most += Math.max((rows[i] + baseHigh) * Math.min(dimHigh, projectedHigh), rows[i] * dimHigh);
    }
  }
  return { least, most, crossings };
}

/** Below the cap real dims differ if ratios do, and integers if they are over 1 apart before rounding. */
function staysApart({ cap, rounding }: DimRule, ratio: number, low: number, dimHigh: number): boolean {
  if (dimHigh === cap || rounding === 'power-of-two') return false;
  return rounding === 'none' || low * (1 - ratio) > 1 + 1e-9;
}
