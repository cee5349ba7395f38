import { useMemo } from 'react';
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';

export interface Pixels {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The chart's scales, clamped to its plot; null before the first layout. */
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
