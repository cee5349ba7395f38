import type { ReactNode } from 'react';
import type { Size } from '../shared/useSize.ts';
import { type Axis, fitLabels, LINE_HEIGHT, scaleTo, type TickLabel, widthOf } from './scales.ts';
import { type Pixels, PixelsContext } from './usePixels.ts';

/** Pixels for the labels of either axis, and between them and the plot. */
const LEFT = 48;
const BELOW = 24;
const LABEL_GAP = 8;

export interface Margin {
  readonly top: number;
  readonly right: number;
  /** Under the labels. */
  readonly bottom: number;
}

interface PlotFrameProps {
  readonly size: Size;
  readonly margin: Margin;
  readonly x: Axis;
  readonly y: Axis;
  /** Drawn over the frame, with its scales from usePixels. */
  readonly children: ReactNode;
}

/** Axes, a line at every y tick, and their labels as far as there is room. */
export function PlotFrame({ size, margin, x, y, children }: PlotFrameProps) {
  const { width, height } = size;
  const { top } = margin;
  const right = Math.max(LEFT, width - margin.right);
  const bottom = Math.max(top, height - margin.bottom - BELOW);
  const pixels: Pixels = {
    x: scaleTo(x, LEFT, right),
    y: scaleTo(y, bottom, top),
    left: LEFT,
    right,
    top,
    bottom,
  };
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <path d={y.ticks.map((tick) => lineAt(pixels.y(tick), right)).join('')} stroke="var(--line)" />
      <path d={lineAt(bottom, right)} stroke="var(--edge)" />
      <g fill="var(--muted)" fontSize={12}>
        {fitLabels(xLabels(x, pixels), width).map(({ tick, text, at }) => (
          <text key={tick} x={at} y={bottom + LABEL_GAP} dy="0.71em" textAnchor="middle">
            {text}
          </text>
        ))}
        {fitLabels(yLabels(y, pixels), height).map(({ tick, text, at }) => (
          <text key={tick} x={Math.max(LEFT - LABEL_GAP, widthOf(text))} y={at} dy="0.355em" textAnchor="end">
            {text}
          </text>
        ))}
      </g>
      <PixelsContext value={pixels}>{children}</PixelsContext>
    </svg>
  );
}

/** In the middle of a pixel, so that it is as thin as it should be. */
function lineAt(y: number, right: number): string {
  return `M${LEFT},${Math.round(y) + 0.5}H${right}`;
}

function xLabels({ ticks, format }: Axis, pixels: Pixels): readonly TickLabel[] {
  return ticks.map((tick) => {
    const text = format(tick);
    return { tick, text, at: pixels.x(tick), length: widthOf(text) };
  });
}

function yLabels({ ticks, format }: Axis, pixels: Pixels): readonly TickLabel[] {
  return ticks.map((tick) => ({ tick, text: format(tick), at: pixels.y(tick), length: LINE_HEIGHT }));
}
