import { type Difference, type Interval, showsEffect } from '../../metrics/estimate.ts';
import type { Slice } from '../../metrics/slices.ts';

/** 0.7616; – where there is no number. */
export function formatValue(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : '–';
}

/** 0.7561 to 0.7671 */
export function formatInterval({ low, high }: Interval): string {
  return Number.isFinite(low) ? `${formatValue(low)} to ${formatValue(high)}` : '–';
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;

/** +0.0031 (+0.0012 to +0.0050); in words where no effect is shown. */
export function formatChange(difference: Difference | undefined): string {
  if (!difference || !Number.isFinite(difference.low)) return '–';
  const { value, low, high } = difference;
  const text = `${signed(value)} (${signed(low)} to ${signed(high)})`;
  return showsEffect(difference) ? text : `no effect shown: ${text}`;
}

/** Its ids by their rank in popularity: 1, 2–27, rare. */
export function nameBand({ kind, firstId, lastId }: Slice): string {
  if (kind === 'rare') return 'rare';
  return firstId === lastId ? `${firstId + 1}` : `${firstId + 1}–${lastId + 1}`;
}
