import { memo, useMemo } from 'react';
import { Curve } from 'recharts';
import { usePixels } from './usePixels.ts';

/** A point of a line, in data units. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

interface PlotLineProps {
  /** At most 300, the same array until they change. */
  readonly points: readonly Place[];
  readonly stroke: string;
  readonly width?: number;
  readonly opacity?: number;
  readonly dashes?: string;
  /** Level from a point to the next. */
  readonly isStepped?: boolean;
  /** A path drawn around every point. */
  readonly mark?: string;
}

export const disc = 'm-2.5,0a2.5,2.5 0 1 0 5,0a2.5,2.5 0 1 0 -5,0z';
export const diamond = 'm0,-3.5l3.5,3.5l-3.5,3.5l-3.5,-3.5z';

/** Recharts' curve, without its Line: that redraws axes, grid and every other line with each point that comes. */
export const PlotLine = memo(function PlotLine(props: PlotLineProps) {
  const { points, stroke, width = 1, opacity, dashes, isStepped, mark } = props;
  const pixels = usePixels();
  const places = useMemo(
    () => (pixels ? points.map(({ x, y }) => ({ x: toTenth(pixels.x(x)), y: toTenth(pixels.y(y)) })) : []),
    [points, pixels],
  );
  if (places.length === 0) return null;
  return (
    <g fill="none" stroke={stroke} strokeOpacity={opacity} pointerEvents="none">
      <Curve
        type={isStepped ? 'stepAfter' : 'linear'}
        points={places}
        strokeWidth={width}
        strokeDasharray={dashes}
      />
      {mark && (
        <path
          d={places.map(({ x, y }) => `M${x},${y}${mark}`).join('')}
          fill="var(--ground)"
          strokeWidth={1.5}
        />
      )}
    </g>
  );
});

const toTenth = (pixel: number): number => Math.round(10 * pixel) / 10;
