import type { Curve } from './curve.ts';

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

/** Share of the axis that the data takes at least. */
const LEAST_FILL = 0.4;
/** Room beside the data, as a share of its range; more where the data has just left the axis. */
const MARGIN = 0.1;
const ROOM = 0.5;

/**
 * From the least loss to the 98th percentile: a first step far off does not flatten the rest. `shown`
 * stays as long as that is in it and fills it: a change costs as much as drawing the axes.
 */
export function lossDomain(curves: readonly (Curve | undefined)[], shown: LossDomain | null): LossDomain {
  const values = curves.flatMap((curve) => curve?.values ?? []).sort((a, b) => a - b);
  if (values.length === 0) return shown ?? [0, 1];
  const low = values[0];
  const high = Math.max(values[Math.floor((values.length - 1) * 0.98)], low + 1e-4);
  const range = high - low;
  const fits = shown !== null && shown[0] <= low && high <= shown[1];
  if (fits && range >= LEAST_FILL * (shown[1] - shown[0])) return shown;
  const below = shown && low < shown[0] ? ROOM : MARGIN;
  const above = shown && high > shown[1] ? ROOM : MARGIN;
  return [Math.max(0, low - below * range), high + above * range];
}
