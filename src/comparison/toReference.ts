import { type Difference, showsEffect } from '../metrics/estimate.ts';
import { pairedDifference, seedsNeeded } from '../metrics/pairedDifference.ts';

/** A metric of a run, and the seed that pairs it with another. */
export interface SeededValue {
  readonly seed: number;
  readonly value: number;
}

/** How much a setting differs from a reference, over the seeds that both were trained with. */
export interface ReferenceDifference {
  /** Mean of the differences, seed by seed. */
  readonly mean: number;
  readonly pairs: number;
  /** By Student's t; null for a single pair, which says nothing of how much seeds differ. */
  readonly interval: Difference | null;
  /** How many seeds would show an effect of this size, where none is shown: Infinity for none; null where one is shown, or nothing is known. */
  readonly seedsNeeded: number | null;
}

/** null: no seed is in both. A seed that is there several times counts once, with its last value. */
export function differenceToReference(
  values: readonly SeededValue[],
  reference: readonly SeededValue[],
): ReferenceDifference | null {
  const own = new Map(values.map(({ seed, value }) => [seed, value]));
  const others = new Map(reference.map(({ seed, value }) => [seed, value]));
  const seeds = [...own.keys()].filter((seed) => others.has(seed));
  if (seeds.length === 0) return null;
  const [a, b] = [own, others].map((side) => seeds.map((seed) => side.get(seed)!));
  const difference = pairedDifference(a, b);
  const { value: mean, standardError } = difference;
  if (seeds.length === 1) return { mean, pairs: 1, interval: null, seedsNeeded: null };
  const deviation = standardError * Math.sqrt(seeds.length);
  const isShown = showsEffect(difference);
  return {
    mean,
    pairs: seeds.length,
    interval: difference,
    seedsNeeded: isShown ? null : seedsNeeded(mean, deviation),
  };
}

/** +0.0031 (0.0012 to 0.0050, 3 seeds) */
export function formatDifference(
  { mean, pairs, interval, seedsNeeded: needed }: ReferenceDifference,
  digits: number,
): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  if (!interval) return `${signed(mean)}, one seed: no interval`;
  const range = `${signed(interval.low)} to ${signed(interval.high)}, ${pairs} seeds`;
  if (needed === null) return `${signed(mean)} (${range})`;
  const more = needed === Infinity || needed > 1000 ? '' : `; about ${needed} seeds would tell`;
  return `no effect shown: ${signed(mean)} (${range})${more}`;
}
