import { formatCount } from '../../shared/format.ts';
import type { FieldDiagram, DiagramTable } from './fieldDiagram.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Who = 0 | 1 | 'both';

export interface RowMark extends Box {
  readonly who: Who;
  /** Width beside the mark for the row's number. */
  readonly room: number;
}

export interface RowLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly who: Who;
}

const LABEL_HEIGHT = 12;
/** With more rows than this in a table, marks are 1 px high instead of 2. */
const CROWD = 32;
const DIGIT_WIDTH = 7;
const whos = [0, 1] as const;

/** The marks of the rows that the ids find in a table; a row of both ids is drawn once. */
export function rowMarks({ picks, firstId, rows, isMemory }: DiagramTable, box: Box): readonly RowMark[] {
  const least = (picks[0]?.length ?? 0) > CROWD ? 1 : 2;
  const height = Math.min(box.height, Math.max(least, box.height / rows));
  const room = isMemory ? 0 : DIGIT_WIDTH * formatCount(rows - 1).length + 8;
  return whos.flatMap((who) =>
    (picks[who] ?? []).flatMap(({ row, isShared }): readonly RowMark[] => {
      if (isShared && who === 1) return [];
      const y = box.y + ((row - firstId) / rows) * box.height;
      const top = Math.min(y, box.y + box.height - height);
      return [{ x: box.x, y: top, width: box.width, height, who: isShared ? 'both' : who, room }];
    }),
  );
}

/** Labels with the numbers of the rows. */
export function labelRows(
  { tables }: FieldDiagram,
  boxes: readonly Box[],
  height: number,
): readonly RowLabel[] {
  return separate(
    tables.flatMap((table, t) => rowLabels(table, boxes[t])),
    height,
  );
}

function rowLabels(table: DiagramTable, box: Box): readonly RowLabel[] {
  const x = box.x + box.width + 4;
  if (table.isMemory) {
    const isUnknown = table.picks[0] === null;
    return isUnknown ? [{ x, y: box.y + box.height / 2, text: '?', who: 'both' }] : [];
  }
  return rowMarks(table, box).map(({ y, height, who }) => {
    const { row } = table.picks[who === 'both' ? 0 : who]![0];
    return { x, y: y + height / 2, text: formatCount(row - table.firstId), who };
  });
}

/** Moves labels apart by the height of a line, within the frame. */
function separate(labels: readonly RowLabel[], height: number): readonly RowLabel[] {
  const sorted = labels.toSorted((a, b) => a.y - b.y);
  const top = LABEL_HEIGHT / 2;
  const ys: number[] = [];
  for (const { y } of sorted) ys.push(Math.max(y, ys.length > 0 ? ys.at(-1)! + LABEL_HEIGHT : top));
  let limit = height - top;
  for (let i = ys.length - 1; i >= 0; i--) {
    ys[i] = Math.min(ys[i], limit);
    limit = ys[i] - LABEL_HEIGHT;
  }
  return sorted.map(({ x, text, who }, i) => ({ x, y: ys[i], text, who }));
}
