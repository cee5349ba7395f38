import type { Interval } from '../accuracy/accuracyData.ts';

/** One axis of a plot, in data units. */
export interface Axis {
  readonly scale: 'linear' | 'log';
  readonly domain: Interval;
  /** Within the domain, in ascending order. */
  readonly ticks: readonly number[];
  readonly format: (tick: number) => string;
}

/** Data units to pixels from `start` to `end`. What is off the domain stays at its ends; what is no number, at the first. */
export function scaleTo(
  { scale, domain }: Pick<Axis, 'scale' | 'domain'>,
  start: number,
  end: number,
): (value: number) => number {
  const place = scale === 'log' ? Math.log : Number;
  const [low, high] = [place(domain[0]), place(domain[1])];
  return (value) => {
    const share = (place(value) - low) / (high - low);
    return start + (share > 0 ? Math.min(1, share) : 0) * (end - start);
  };
}

/** Pixels that a label of 12 px takes in the widest of the usual system fonts, DejaVu Sans: less in others. */
export function widthOf(label: string): number {
  const letters = label.replaceAll(/[-. ]/g, '').length;
  const capitals = label.replaceAll(/[^A-Z]/g, '').length;
  return 7.7 * letters + 2.3 * capitals + 4.3 * (label.length - letters);
}

export const LINE_HEIGHT = 14;
/** Pixels between two labels at least. */
const GAP = 5;

export interface TickLabel {
  readonly tick: number;
  readonly text: string;
  /** Pixel of its middle along the axis. */
  readonly at: number;
  /** Pixels that it takes along the axis. */
  readonly length: number;
}

/** Those that have room from pixel 0 to `end`: the last, moved inwards where it would be cut, and back from it. */
export function fitLabels(labels: readonly TickLabel[], end: number): readonly TickLabel[] {
  const kept: TickLabel[] = [];
  for (const label of labels.toReversed()) {
    const half = label.length / 2;
    const next = kept.at(-1);
    const at = next ? label.at : Math.min(Math.max(label.at, half), end - half);
    const isInside = at >= half && at <= end - half;
    if (isInside && (!next || Math.abs(next.at - at) >= half + GAP + next.length / 2))
      kept.push({ ...label, at });
  }
  return kept;
}

/** As many decimals as tell one tick from the next. */
export function decimalsFor([first, second]: readonly number[]): (tick: number) => string {
  const digits = second === undefined ? 2 : Math.max(0, -Math.floor(Math.log10(second - first) + 1e-9));
  return (tick) => tick.toFixed(digits);
}
