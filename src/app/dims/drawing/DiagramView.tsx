import { formatCount } from '../../shared/format.ts';
import type { CellGrid, DrawingLayout } from './diagramLayout.ts';
import type { Box } from './rowMarks.ts';
import styles from './FieldDrawing.module.css';
import type { FieldDiagram, Share } from './fieldDiagram.ts';

interface DiagramViewProps {
  readonly diagram: FieldDiagram;
  readonly layout: DrawingLayout;
  /** The text for each id. */
  readonly notes: readonly [string, string];
  /** Id of the element that says in words what is drawn. */
  readonly labelledBy: string;
}

const colors = { 0: styles.first, 1: styles.second, both: styles.common } as const;

/** id → rows → what is done with them → vector, for two ids; what they share is in the colour of the text. */
export function DiagramView({ diagram, layout, notes, labelledBy }: DiagramViewProps) {
  return (
    <svg width={layout.width} height={layout.height} role="img" aria-labelledby={labelledBy}>
      <path className={styles.link} data-who={0} d={layout.links[0]} />
      <path className={styles.link} data-who={1} d={layout.links[1]} />
      <Tables layout={layout} />
      <Identity who={0} id={diagram.ids[0]} note={notes[0]} layout={layout} />
      <Identity who={1} id={diagram.ids[1]} note={notes[1]} layout={layout} />
      {layout.combines.map((box) => (
        <g key={box.y}>
          <rect className={styles.box} {...frameOf(box)} rx="14" />
          <text
            className={styles.common}
            x={box.x + box.width / 2}
            y={box.y + box.height / 2}
            dominantBaseline="central"
            textAnchor="middle"
          >
            {box.word}
          </text>
        </g>
      ))}
      <Vector who={0} shares={diagram.vectors[0]} grid={layout.cells[0]} />
      <Vector who={1} shares={diagram.vectors[1]} grid={layout.cells[1]} />
    </svg>
  );
}

function Tables({ layout }: { readonly layout: DrawingLayout }) {
  return (
    <>
      {layout.tables.map((table) => (
        <g key={table.y}>
          <rect className={styles.table} {...frameOf(table)} />
          {table.divider !== null && (
            <path className={styles.divider} d={`M${table.x},${table.divider}h${table.width}`} />
          )}
          <text className={`${styles.halo} ${styles.common}`} x={table.x} y={table.y - 4}>
            {table.caption}
            {table.formula && (
              <tspan className={styles.muted} dx="8">
                {table.formula}
              </tspan>
            )}
          </text>
        </g>
      ))}
      {([0, 1, 'both'] as const).map((who) => (
        <path key={who} className={colors[who]} d={outline(layout.rows.filter((row) => row.who === who))} />
      ))}
      {layout.labels.map(({ x, y, text, who }) => (
        <text
          key={y}
          className={`${styles.halo} ${styles.common}`}
          x={x}
          y={y}
          dominantBaseline="central"
          fontWeight={who === 'both' ? 600 : 400}
        >
          {text}
        </text>
      ))}
    </>
  );
}

interface IdentityProps {
  readonly who: 0 | 1;
  readonly id: number;
  readonly note: string;
  readonly layout: DrawingLayout;
}

function Identity({ who, id, note, layout }: IdentityProps) {
  const { x, y, height } = layout.ids[who];
  return (
    <g>
      <rect className={styles.box} {...frameOf(layout.ids[who])} rx="4" />
      <path className={colors[who]} d={outline([{ x, y, width: 4, height }])} />
      <text className={styles.common} x={x + 12} y={y + height / 2} dominantBaseline="central">
        {formatCount(id)}
      </text>
      {!layout.isNarrow && (
        <text className={`${styles.halo} ${styles.muted}`} y={y + height + 14}>
          <tspan x={x}>rank {formatCount(id + 1)}</tspan>
          <tspan x={x} dy="14">
            {note}
          </tspan>
        </text>
      )}
      <title>{`Rank ${formatCount(id + 1)} by popularity, ${note}`}</title>
    </g>
  );
}

interface VectorProps {
  readonly who: 0 | 1;
  readonly shares: readonly Share[];
  readonly grid: CellGrid;
}

/** The cells of a vector: filled where the element is the id's own, shaded where it is shared. */
function Vector({ who, shares, grid }: VectorProps) {
  const { x, y, columns, side, shown, height } = grid;
  const own = Math.max(1, side - 1.5);
  const cellsOf = (...kinds: readonly Share[]): readonly Box[] =>
    shares.slice(0, shown).flatMap((share, i) => {
      const left = x + (i % columns) * side;
      const top = y + Math.floor(i / columns) * side;
      return kinds.includes(share) ? [{ x: left, y: top, width: own, height: own }] : [];
    });
  return (
    <g>
      <path className={styles.table} d={outline(cellsOf('unknown'))} />
      <path className={colors[who]} d={outline(cellsOf('own', 'part'))} />
      <path className={styles.common} d={outline(cellsOf('shared')) + corners(cellsOf('part'))} />
      <text className={`${styles.halo} ${styles.muted}`} y={y + height + 12}>
        <tspan x={x}>{shown < shares.length ? `${shown} of ${formatCount(shares.length)}` : shown}</tspan>
        <tspan x={x} dy="14">
          {describeShares(shares)}
        </tspan>
      </text>
    </g>
  );
}

function describeShares(shares: readonly Share[]): string {
  const shared = shares.filter((share) => share === 'shared').length;
  if (shares[0] === 'part') return 'part shared';
  if (shared === 0) return '';
  return `${shared === shares.length ? 'all' : formatCount(shared)} shared`;
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** Path data of filled rectangles. */
function outline(boxes: readonly Box[]): string {
  return boxes
    .map(
      ({ x, y, width, height }) =>
        `M${round(x)},${round(y)}h${round(width)}v${round(height)}h${-round(width)}Z`,
    )
    .join('');
}

/** Path data of the upper left halves. */
function corners(boxes: readonly Box[]): string {
  return boxes
    .map(
      ({ x, y, width, height }) =>
        `M${round(x)},${round(y)}h${round(width)}L${round(x)},${round(y + height)}Z`,
    )
    .join('');
}

/** Shrinks a box by half a pixel on each side, so that a border of one pixel lies within it. */
const frameOf = ({ x, y, width, height }: Box) => ({
  x: x + 0.5,
  y: y + 0.5,
  width: Math.max(1, width - 1),
  height: Math.max(1, height - 1),
});
