import { formatCount, formatDim } from '../../shared/format.ts';
import type { Size } from '../../shared/useSize.ts';
import { combineWord } from './fieldWords.ts';
import { addressFormula, type FieldDiagram, type DiagramTable } from './fieldDiagram.ts';
import { type Box, labelRows, type RowLabel, type RowMark, rowMarks } from './rowMarks.ts';

/** Where each part of a diagram is drawn, in pixels. */
export interface DrawingLayout extends Size {
  readonly isNarrow: boolean;
  readonly ids: readonly [Box, Box];
  readonly tables: readonly TableBox[];
  readonly rows: readonly RowMark[];
  readonly labels: readonly RowLabel[];
  /** Path data per id, through its rows to its vector. */
  readonly links: readonly [string, string];
  /** How rows are combined; empty where a row is the vector. */
  readonly combines: readonly WordBox[];
  readonly cells: readonly [CellGrid, CellGrid];
}

interface WordBox extends Box {
  readonly word: string;
}

interface TableBox extends Box {
  /** Rows × dim, as 128 × 16; '' where neither id has a row in it. */
  readonly caption: string;
  readonly formula: string;
  /** The height at which shared rows begin, where a table has both kinds. */
  readonly divider: number | null;
}

export interface CellGrid extends Box {
  readonly columns: number;
  readonly side: number;
  /** How many of the vector's elements are drawn. */
  readonly shown: number;
}

const NARROW = 480;
const CAPTION = 16;
const GAP = 8;
const UNUSED = { height: 4, gap: 2 };
/** Room for two lines of text below a vector. */
const CELL_WORDS = 30;
const MOST_CELLS = 64;
const MOST_LINKS = 16;
const whos = [0, 1] as const;

export function layOutDiagram(diagram: FieldDiagram, { width, height }: Size): DrawingLayout {
  const isNarrow = width < NARROW;
  const words = both((who) => combineWord(diagram, who, isNarrow));
  const column = columnsOf(width, isNarrow, words);
  const middles = [height * 0.26, height * 0.74] as const;
  const tables = layOutTables(diagram, column, height, isNarrow);
  const rows = diagram.tables.flatMap((table, t) => rowMarks(table, tables[t]));
  return {
    width,
    height,
    isNarrow,
    ids: both((who) => boxAround(0, middles[who], column.id, 40)),
    tables,
    rows,
    labels: labelRows(diagram, tables, height),
    links: both((who) => {
      const stops = stopsOf(who, rows, diagram, tables);
      return linkThrough(stops, column, middles[who], words[who] !== '');
    }),
    combines: whos.flatMap((who) => {
      const box = boxAround(column.combine, middles[who], column.combineWidth, 28);
      return words[who] === '' ? [] : [Object.assign(box, { word: words[who] })];
    }),
    cells: both((who) => layOutCells(diagram.vectors[who].length, column, middles[who], height)),
  };
}

interface Columns {
  readonly id: number;
  readonly table: number;
  readonly tableWidth: number;
  readonly combine: number;
  readonly combineWidth: number;
  readonly vector: number;
  readonly vectorWidth: number;
}

function columnsOf(width: number, isNarrow: boolean, words: readonly string[]): Columns {
  const longest = Math.max(...words.map(({ length }) => length));
  const id = isNarrow ? 72 : 92;
  const vectorWidth = Math.max(72, Math.min(176, Math.floor(width * 0.24)));
  const vector = width - vectorWidth;
  const combineWidth = isNarrow ? 44 : Math.min(160, Math.max(88, 7 * longest + 16));
  const gap = isNarrow ? 8 : 24;
  const combine = longest > 0 ? vector - gap - combineWidth : vector;
  const table = id + (isNarrow ? 16 : 48);
  const room = combine - table - (isNarrow ? 48 : 88);
  return {
    id,
    table,
    tableWidth: Math.max(16, Math.min(120, room)),
    combine,
    combineWidth,
    vector,
    vectorWidth,
  };
}

const isUsed = ({ picks }: DiagramTable): boolean => picks.some((own) => own === null || own.length > 0);
const weightOf = ({ rows }: DiagramTable): number => 4 + Math.log2(rows);

/** Tables with a row of either id share the height by the logarithm of their rows; the others are thin lines. */
function layOutTables(
  { tables, rows, dim }: FieldDiagram,
  column: Columns,
  height: number,
  isNarrow: boolean,
): readonly TableBox[] {
  const used = tables.filter(isUsed);
  const unused = tables.length - used.length;
  const free = height - used.length * (CAPTION + GAP) - unused * (UNUSED.height + UNUSED.gap);
  const weights = used.reduce((sum, table) => sum + weightOf(table), 0);
  const widest = Math.max(dim, ...tables.map((table) => table.dim));
  let y = 0;
  return tables.map((table) => {
    const share = table.isMemory ? 1 : table.dim / widest;
    const width = 12 + Math.max(0, column.tableWidth - 12) * share;
    if (!isUsed(table)) {
      const box = {
        x: column.table,
        y,
        width,
        height: UNUSED.height,
        caption: '',
        formula: '',
        divider: null,
      };
      y += UNUSED.height + UNUSED.gap;
      return box;
    }
    const own = Math.max(8, (free * weightOf(table)) / weights);
    const box = {
      x: column.table,
      y: y + CAPTION,
      width,
      height: own,
      caption: table.isMemory
        ? `${formatCount(table.rows)} × 1`
        : `${formatCount(table.rows)} × ${formatDim(table.dim)}`,
      formula: isNarrow ? '' : addressFormula(table.lookups[0].address, rows),
      divider: dividerOf(table, y + CAPTION, own),
    };
    y += CAPTION + own + GAP;
    return box;
  });
}

function dividerOf(
  { lookups: [{ address }], rows }: DiagramTable,
  top: number,
  height: number,
): number | null {
  return address.kind === 'split' ? top + (address.hot / rows) * height : null;
}

interface Stop {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Where an id's lines pass through the tables: at its rows, or at a fixed height where these are unknown. */
function stopsOf(
  who: 0 | 1,
  marks: readonly RowMark[],
  { vectors }: FieldDiagram,
  tables: readonly TableBox[],
): readonly Stop[] {
  const own = marks.filter((mark) => mark.who === who || mark.who === 'both');
  if (own.length === 0)
    return tables.map(({ x, y, width, height }) => ({
      left: x,
      right: x + width,
      y: y + height * (who === 0 ? 0.35 : 0.65),
    }));
  // A long vector has too many places in a shared memory to draw a line for each.
  const every = Math.max(1, tables.length === 1 ? vectors[who].length / MOST_LINKS : 1);
  return own
    .filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every))
    .map(({ x, y, width, height, room }) => ({ left: x, right: x + width + room, y: y + height / 2 }));
}

/** Path data from an id through its rows to its vector. */
function linkThrough(
  stops: readonly Stop[],
  { id, combine, combineWidth, vector }: Columns,
  y: number,
  isCombined: boolean,
): string {
  const from = { x: id, y };
  const to = { x: (isCombined ? combine : vector) - 2, y };
  const through = stops.flatMap((stop) => [
    curve(from, { x: stop.left, y: stop.y }),
    curve({ x: stop.right, y: stop.y }, to),
  ]);
  const onward = curve({ x: combine + combineWidth, y }, { x: vector - 2, y });
  return [...(stops.length > 0 ? through : [curve(from, to)]), ...(isCombined ? [onward] : [])].join('');
}

/** As large as fits beside the other vector, with two lines of text below. */
function layOutCells(elements: number, column: Columns, middle: number, height: number): CellGrid {
  const shown = Math.min(elements, MOST_CELLS);
  const room = height * 0.48 - CELL_WORDS;
  let best = { columns: 1, side: 0 };
  for (let columns = 1; columns <= shown; columns++) {
    const side = Math.min(16, column.vectorWidth / columns, room / Math.ceil(shown / columns));
    // Of equal sizes, prefer lines of a multiple of eight cells.
    if (side > best.side || (side === best.side && columns % 8 === 0)) best = { columns, side };
  }
  const size = { width: best.columns * best.side, height: Math.ceil(shown / best.columns) * best.side };
  const y = middle - (size.height + CELL_WORDS) / 2;
  return { x: column.vector, y: Math.max(0, y), ...size, ...best, shown };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const at = (value: number): number => Math.round(value * 10) / 10;

function curve(from: Point, to: Point): string {
  const bend = (to.x - from.x) / 2;
  return `M${at(from.x)},${at(from.y)}C${at(from.x + bend)},${at(from.y)} ${at(to.x - bend)},${at(to.y)} ${at(to.x)},${at(to.y)}`;
}

function boxAround(x: number, middle: number, width: number, height: number): Box {
  return { x, y: middle - height / 2, width, height };
}

function both<T>(of: (who: 0 | 1) => T): readonly [T, T] {
  return [of(0), of(1)];
}
