import type { Block } from '../../compression/allocation.ts';
import type { Field } from '../../data/dataset.ts';
import { formatDim } from '../shared/format.ts';
import { dimHeight, dimTicks, type DimsFrame, layOutBars } from './dimsLayout.ts';

export interface DimsColors {
  readonly bar: string;
  readonly cap: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly popularity: string;
  readonly popularityLine: string;
  readonly hover: string;
}

const NAMES: Readonly<Record<keyof DimsColors, string>> = {
  bar: '--bar',
  cap: '--accent',
  text: '--text',
  muted: '--muted',
  line: '--line',
  popularity: '--popularity',
  popularityLine: '--popularity-line',
  hover: '--accent-soft',
};

export function readColors(element: Element): DimsColors {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(NAMES).map(([name, property]) => [name, style.getPropertyValue(property)]),
  ) as unknown as DimsColors;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** Sizes the canvas for the screen's pixel density and clears it. One unit is one CSS pixel. */
export function prepareCanvas(canvas: HTMLCanvasElement, frame: DimsFrame): CanvasRenderingContext2D {
  const density = globalThis.devicePixelRatio || 1;
  const width = Math.round(frame.width * density);
  const height = Math.round(frame.height * density);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext('2d')!;
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, frame.width, frame.height);
  pen.font = FONT;
  return pen;
}

/** Draws what a drag does not move: popularity curves and field names. */
export function drawPopularity(
  pen: CanvasRenderingContext2D,
  frame: DimsFrame,
  fields: readonly Field[],
  curves: readonly Float64Array[],
  colors: DimsColors,
): void {
  const depth = frame.bottom - frame.baseline - 4;
  const leastLog = Math.floor(Math.min(-1, ...curves.map((curve) => Math.log10(curve.at(-1) || 0.1))));
  const depthOf = (p: number): number => depth * Math.max(0, 1 - Math.log10(p) / leastLog);
  const inner = frame.bandWidth - frame.gap;
  frame.order.forEach((field, band) => {
    const x = frame.left + band * frame.bandWidth;
    const curve = curves[field];
    const line = new Path2D();
    curve.forEach((p, j) => {
      const y = frame.baseline + depthOf(p);
      if (j === 0) line.moveTo(x, y);
      line.lineTo(x + ((j + 0.5) / curve.length) * inner, y);
      if (j === curve.length - 1) line.lineTo(x + inner, y);
    });
    const area = new Path2D(line);
    area.lineTo(x + inner, frame.baseline);
    area.lineTo(x, frame.baseline);
    pen.fillStyle = colors.popularity;
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, not an array
    pen.fill(area);
    pen.strokeStyle = colors.popularityLine;
    pen.stroke(line);
    drawName(pen, frame, fields[field].name, x + inner / 2, colors);
  });
  pen.fillStyle = colors.muted;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.fillText('1', frame.left - 8, frame.baseline + depth);
  pen.fillText(`10${superscript(leastLog)}`, frame.left - 8, frame.baseline + 8);
}

function drawName(
  pen: CanvasRenderingContext2D,
  frame: DimsFrame,
  name: string,
  middle: number,
  colors: DimsColors,
): void {
  pen.fillStyle = colors.muted;
  if (frame.namesAreUpright) {
    pen.textAlign = 'center';
    pen.textBaseline = 'bottom';
    pen.fillText(name, middle, frame.height);
    return;
  }
  if (frame.bandWidth < 10) return;
  pen.save();
  pen.translate(middle, frame.bottom + 4);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.fillText(name.length > 12 ? `${name.slice(0, 11)}…` : name, 0, 0);
  pen.restore();
}

const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const superscript = (value: number): string =>
  `${value < 0 ? '⁻' : ''}${[...String(Math.abs(value))].map((digit) => digits[Number(digit)]).join('')}`;

export interface DimsDrawing {
  readonly blocks: readonly Block[];
  readonly axisTop: number;
  /** The blocks as they were before the drag, drawn as ticks; null where their number differs. */
  readonly before: readonly Block[] | null;
  readonly hoveredField: number | null;
}

/** Draws what a drag moves: axis, bars and numbers. */
export function drawBars(
  pen: CanvasRenderingContext2D,
  frame: DimsFrame,
  drawing: DimsDrawing,
  colors: DimsColors,
): void {
  const { blocks, axisTop, before, hoveredField } = drawing;
  drawHover(pen, frame, hoveredField, colors);
  drawAxis(pen, frame, axisTop, colors);
  const bars = layOutBars(frame, blocks, axisTop);
  pen.fillStyle = colors.bar;
  for (const { x, width, height } of bars) pen.fillRect(x, frame.baseline - height, width, height);
  pen.fillStyle = colors.cap;
  for (const { x, width, height } of bars)
    pen.fillRect(x, frame.baseline - height, width, Math.min(3, height));
  if (before) {
    pen.fillStyle = colors.text;
    bars.forEach(({ x, width }, i) => {
      const height = dimHeight(frame, before[i].dim, axisTop);
      pen.fillRect(x, frame.baseline - height - 1, width, 1.5);
    });
  }
  pen.fillStyle = colors.text;
  pen.textAlign = 'center';
  pen.textBaseline = 'bottom';
  bars.forEach(({ x, width, height }, i) => {
    const label = formatDim(blocks[i].dim);
    if (width >= label.length * 7 + 1) pen.fillText(label, x + width / 2, frame.baseline - height - 2);
  });
}

function drawAxis(
  pen: CanvasRenderingContext2D,
  frame: DimsFrame,
  axisTop: number,
  colors: DimsColors,
): void {
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const dim of dimTicks(axisTop)) {
    const y = Math.round(frame.baseline - dimHeight(frame, dim, axisTop)) + 0.5;
    pen.fillStyle = colors.line;
    pen.fillRect(frame.left, y - 0.5, frame.right - frame.left, 1);
    pen.fillStyle = colors.muted;
    pen.fillText(String(dim), frame.left - 8, y);
  }
}

function drawHover(
  pen: CanvasRenderingContext2D,
  frame: DimsFrame,
  field: number | null,
  colors: DimsColors,
): void {
  if (field === null) return;
  pen.fillStyle = colors.hover;
  const x = frame.left + frame.bandOf[field] * frame.bandWidth - frame.gap / 2;
  pen.fillRect(x, 0, frame.bandWidth, frame.height);
}
