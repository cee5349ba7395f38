import { type Difference, showsEffect } from '../metrics/estimate.ts';
import { pairedDifference, seedsNeeded } from '../metrics/pairedDifference.ts';

/** A metric of a run, and the seed that pairs it with another. */
export interface SeededValue {
  readonly seed: number;
  /** Names the run, where its examples can be compared too. */
  readonly run?: string | undefined;
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
  if (!interval) return `${signed(mean, digits)}, one seed: no interval`;
  const range = `${signed(interval.low, digits)} to ${signed(interval.high, digits)}, ${pairs} seeds`;
  if (needed === null) return `${signed(mean, digits)} (${range})`;
  const more = needed === Infinity || needed > 1000 ? '' : `; about ${needed} seeds would tell`;
  return `no effect shown: ${signed(mean, digits)} (${range})${more}`;
}

/** The same of a mean over `pairs` of trained models, whose interval is over test examples. */
export function formatOverExamples(difference: Difference, pairs: number, digits: number): string {
  const { value, low, high } = difference;
  const range = `${signed(low, digits)} to ${signed(high, digits)}, ${pairs === 1 ? '1 pair' : `${pairs} pairs`}`;
  const text = `${signed(value, digits)} (${range})`;
  return showsEffect(difference) ? text : `no effect shown: ${text}`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
