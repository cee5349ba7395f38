import { type Pieces, rangesOf } from '../../pieces/pieces.ts';
import { multiplying } from '../../analysis/matrix.ts';
import { energyOf } from '../../analysis/spectrum.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';
import { truncating } from '../../analysis/truncate.ts';
import type { BlockVectors } from '../weights/modelState.ts';

/** Rows that are copied between two rests: about a millisecond. */
const PLACED_ROWS = 2 ** 14;

/** What became of a block at its new size. */
export interface Refit {
  /** Whether its stored directions are the old ones in their order, perhaps with new ones behind them. */
  readonly keepsDirections: boolean;
  /** Σ_i w_i²·‖e_i‖² of the old vectors, and `lost`: the same of their differences from the new ones. */
  readonly energy: number;
  readonly lost: number;
}

/**
 * Writes the vectors of a block at another size into `to`, whose arrays hold fresh initial values, so that they mean what the old
 * ones meant.
 *
 * A block that gets fewer directions keeps those of the best approximation of rank dim (see truncation), in the norm that weighs row i
 * by rowFactors[i], if these are given. Otherwise it keeps every old direction; new ones have fresh small values in the table, and
 * 0 in their rows of the projection. Coordinates that only the longer vectors have are 0, unless the block `opens` them, which
 * leaves them at their initial values. So if nothing is truncated, dot products with vectors of blocks that do not open stay as
 * they were.
 */
export function* refittingBlock(
  old: BlockVectors,
  to: BlockVectors,
  { rowFactors, opens }: { readonly rowFactors?: Float64Array | undefined; readonly opens: boolean },
): Pieces<Refit> {
  const rows = old.table.length / old.dim;
  const factor = new TriangularFactor(old.dim);
  yield* factor.adding(old.table, rowFactors);
  const projection = old.projection && {
    rows: old.dim,
    columns: old.baseDim,
    values: Float64Array.from(old.projection),
  };
  const most = Math.min(old.dim, old.baseDim);
  const {
    singularValues,
    change,
    projection: narrow,
    error,
  } = yield* truncating(yield* factor.factoring(), projection, to.projection ? Math.min(to.dim, most) : most);
  const energy = energyOf(singularValues, 0);
  const table = { rows, columns: old.dim, values: old.table };
  if (!to.projection) {
    const vectors = projection ? (yield* multiplying(table, projection)).values : old.table;
    yield* place(vectors, old.baseDim, to.table, to.dim, !opens);
    return { keepsDirections: !projection, energy, lost: 0 };
  }
  if (to.dim >= old.dim) {
    const fresh = to.projection.slice();
    to.projection.fill(0);
    yield* place(old.table, old.dim, to.table, to.dim, false);
    if (projection) yield* place(projection.values, old.baseDim, to.projection, to.baseDim, false);
    else for (let j = 0; j < old.dim; j++) to.projection[j * to.baseDim + j] = 1;
    if (opens) copyColumns(fresh, to.projection, to.baseDim, old.baseDim);
    return { keepsDirections: true, energy, lost: 0 };
  }
  const turned = yield* multiplying(table, change);
  yield* place(turned.values, change.columns, to.table, to.dim, false);
  if (!opens) to.projection.fill(0);
  yield* place(narrow.values, old.baseDim, to.projection, to.baseDim, !opens);
  return { keepsDirections: false, energy, lost: error ** 2 };
}

/** Copies the rows of a matrix to the start of the rows of a wider one. The other columns are set to 0 if `clears`. */
function* place(
  from: ArrayLike<number>,
  columns: number,
  to: Float32Array,
  width: number,
  clears: boolean,
): Pieces<void> {
  const placeRow = (i: number): void => {
    for (let j = 0; j < columns; j++) to[i * width + j] = from[i * columns + j];
    if (clears) to.fill(0, i * width + columns, (i + 1) * width);
  };
  for (const { from: first, end } of rangesOf(from.length / columns, PLACED_ROWS)) {
    for (let i = first; i < end; i++) placeRow(i);
    yield;
  }
}

function copyColumns(from: Float32Array, to: Float32Array, width: number, first: number): void {
  for (let at = 0; at < to.length; at += width) to.set(from.subarray(at + first, at + width), at + first);
}
