import type { Curve } from '../store/curve.ts';

/**
 * Last step of the axis. Early stopping ends most runs long before their last step: the axis shows
 * at most four times what was trained until the total is near, so that the beginning is readable.
 */
export function stepDomain(totalSteps: number, train: Curve): number {
  const trained = train.steps.at(-1) ?? 0;
  let shown = totalSteps;
  while (shown / 2 >= Math.max(trained * 1.25, 64)) shown /= 2;
  return Math.max(1, trained, Math.ceil(shown));
}

export type LossDomain = readonly [low: number, high: number];

/**
 * From the least loss to the 98th percentile: a first step far off does not flatten the rest. `shown`
 * stays as long as that is in it and takes half of it: a change costs as much as drawing the axes.
 */
export function lossDomain(curves: readonly (Curve | undefined)[], shown: LossDomain | null): LossDomain {
  const values = curves.flatMap((curve) => curve?.values ?? []).sort((a, b) => a - b);
  if (values.length === 0) return shown ?? [0, 1];
  const low = values[0];
  const high = Math.max(values[Math.floor((values.length - 1) * 0.98)], low + 1e-4);
  const margin = (high - low) * 0.15;
  if (shown && shown[0] <= low && high <= shown[1] && high - low >= (shown[1] - shown[0]) / 2) return shown;
  return [Math.max(0, low - margin), high + margin];
}
