import type { Allocation, Block } from '../../compression/allocation.ts';
import type { Field } from '../../data/dataset.ts';

/**
 * Geometry of the dims chart, CSS pixels. Fields stand side by side in bands of equal width. Within
 * a band, x is the share of the field's lookups, most popular rows first: so a block is as wide as
 * the lookups it serves, and the popularity curve below lines up with the dims above.
 * Heights are log₂ dim: d ∝ p^α is a straight line in α.
 */
export interface DimsFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  /** Bars of dims grow up from here, popularity hangs down. */
  readonly baseline: number;
  readonly bottom: number;
  /** Field of each band, from left to right. */
  readonly order: readonly number[];
  /** Band of each field. */
  readonly bandOf: readonly number[];
  readonly bandWidth: number;
  readonly gap: number;
  readonly namesAreUpright: boolean;
}

const LEFT = 32;
const TOP = 16;
const NAME_WIDTH_PER_CHARACTER = 7;

export function layOutDims(
  size: { readonly width: number; readonly height: number },
  fields: readonly Pick<Field, 'name' | 'cardinality'>[],
  fieldOrder: 'rows' | 'file',
): DimsFrame {
  const order = fields.map((_, field) => field);
  if (fieldOrder === 'rows') order.sort((a, b) => fields[a].cardinality - fields[b].cardinality || a - b);
  const bandOf = Array.from<number>({ length: fields.length });
  order.forEach((field, band) => (bandOf[field] = band));
  const { width, height } = size;
  const bandWidth = (width - LEFT) / Math.max(1, fields.length);
  const longest = Math.max(...fields.map(({ name }) => name.length), 1) * NAME_WIDTH_PER_CHARACTER;
  const namesAreUpright = longest + 8 <= bandWidth;
  const nameHeight = namesAreUpright ? 16 : Math.min(104, longest + 8);
  const bottom = height - (bandWidth < 10 && !namesAreUpright ? 4 : nameHeight);
  return {
    width,
    height,
    left: LEFT,
    right: width,
    top: TOP,
    baseline: Math.round(TOP + (bottom - TOP) * 0.74),
    bottom,
    order,
    bandOf,
    bandWidth,
    gap: bandWidth >= 12 ? 4 : bandWidth >= 4 ? 1 : 0,
    namesAreUpright,
  };
}

export interface Bar {
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** Dims below ½ (rounding 'none') have no height. */
export function dimHeight(frame: DimsFrame, dim: number, axisTop: number): number {
  const share = (Math.log2(Math.max(dim, 0.5)) + 1) / (Math.log2(axisTop) + 1);
  return Math.max(0, Math.min(1, share)) * (frame.baseline - frame.top);
}

/** One bar per block, in the order of the blocks. */
export function layOutBars(frame: DimsFrame, blocks: readonly Block[], axisTop: number): readonly Bar[] {
  const inner = frame.bandWidth - frame.gap;
  let field = -1;
  let share = 0;
  return blocks.map((block) => {
    if (block.field !== field) {
      field = block.field;
      share = 0;
    }
    const start = frame.left + frame.bandOf[field] * frame.bandWidth + share * inner;
    share += block.mass;
    const width = Math.max(1, block.mass * inner - (block.mass < 0.999 && block.mass * inner > 4 ? 1 : 0));
    return { x: start, width, height: dimHeight(frame, block.dim, axisTop) };
  });
}

/** Top of the dim axis: a power of two that holds every dim of the allocation, 16 or more. */
export function axisTopFor(allocation: Allocation): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, allocation.baseDim)));
}

export function dimTicks(axisTop: number): readonly number[] {
  const exponent = Math.log2(axisTop);
  const every = exponent > 6 ? 2 : 1;
  const ticks: number[] = [];
  for (let e = exponent % every; e <= exponent; e += every) ticks.push(2 ** e);
  return ticks;
}

/** The field under the pointer; null outside the bands. */
export function fieldAt(frame: DimsFrame, x: number): number | null {
  const band = Math.floor((x - frame.left) / frame.bandWidth);
  return frame.order[band] ?? null;
}

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
