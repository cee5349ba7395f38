import { useMemo } from 'react';
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';

/** Data units to pixels of the chart. What is off a scale stays at its ends. */
export interface Pixels {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The scales of the plot around it; null until Recharts has laid it out. */
export function usePixels(): Pixels | null {
  const area = usePlotArea();
  const xScale = useXAxisScale();
  const yScale = useYAxisScale();
  return useMemo(() => {
    if (!area || !xScale || !yScale) return null;
    const left = area.x;
    const right = area.x + area.width;
    const top = area.y;
    const bottom = area.y + area.height;
    return {
      x: (value) => clamp(xScale(value) ?? left, left, right),
      y: (value) => clamp(yScale(value) ?? bottom, top, bottom),
      left,
      right,
      top,
      bottom,
    };
  }, [area, xScale, yScale]);
}

/** What is no number is at the low end. */
function clamp(value: number, low: number, high: number): number {
  return value > low ? Math.min(high, value) : low;
}
