import type { Field } from '../../data/dataset.ts';

/** Points of a field's curve: enough for the widest band a chart gives it. */
const CURVE_POINTS = 48;

/**
 * Share of a field's lookups that hit the row at quantile (j + ½) / points of its lookups.
 * One pass over the counts; never increasing, because ids are popularity ranks.
 */
export function popularityCurve({ counts }: Pick<Field, 'counts'>, points = CURVE_POINTS): Float64Array {
  let lookups = 0;
  for (let id = 0; id < counts.length; id++) lookups += counts[id];
  const curve = new Float64Array(points);
  if (lookups === 0) return curve;
  let cumulated = 0;
  let point = 0;
  for (let id = 0; id < counts.length && point < points; id++) {
    cumulated += counts[id];
    while (point < points && cumulated >= ((point + 0.5) / points) * lookups)
      curve[point++] = counts[id] / lookups;
  }
  return curve;
}
