import { multiply } from '../../analysis/matrix.ts';
import { energyOf } from '../../analysis/spectrum.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';
import { truncation } from '../../analysis/truncate.ts';
import type { BlockVectors } from '../weights/modelState.ts';

/** How a block came to its new size. */
export interface Refit {
  /** Its stored directions are the old ones, in their order, and perhaps new ones behind them. */
  readonly keepsDirections: boolean;
  /** Σ_i w_i²·‖e_i‖² of the vectors before, and of what the new ones differ from them by. */
  readonly energy: number;
  readonly lost: number;
}

/**
 * Writes vectors of another size into `to`, whose arrays hold fresh initial values, so that they stand for what the old
 * ones stood for.
 *
 * Fewer directions than before: those of the best approximation of rank dim (see truncation), in the norm that weighs row i by
 * rowFactors[i], if given. Otherwise every old direction is kept, and new ones are fresh small vectors in the table whose
 * rows of the projection are 0. Coordinates that only longer vectors have are 0, unless the block `opens` them.
 * So where nothing is truncated, no dot product of the block's vectors with those of a block that does not open changes.
 */
export function refitBlock(
  old: BlockVectors,
  to: BlockVectors,
  { rowFactors, opens }: { readonly rowFactors?: Float64Array | undefined; readonly opens: boolean },
): Refit {
  const rows = old.table.length / old.dim;
  const factor = new TriangularFactor(old.dim);
  factor.add(old.table, rowFactors);
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
  } = truncation(factor.factor(), projection, to.projection ? Math.min(to.dim, most) : most);
  const energy = energyOf(singularValues, 0);
  const table = { rows, columns: old.dim, values: old.table };
  if (!to.projection) {
    const vectors = projection ? multiply(table, projection).values : old.table;
    place(vectors, old.baseDim, to.table, to.dim, !opens);
    return { keepsDirections: !projection, energy, lost: 0 };
  }
  if (to.dim >= old.dim) {
    const fresh = to.projection.slice();
    to.projection.fill(0);
    place(old.table, old.dim, to.table, to.dim, false);
    if (projection) place(projection.values, old.baseDim, to.projection, to.baseDim, false);
    else for (let j = 0; j < old.dim; j++) to.projection[j * to.baseDim + j] = 1;
    if (opens) copyColumns(fresh, to.projection, to.baseDim, old.baseDim);
    return { keepsDirections: true, energy, lost: 0 };
  }
  place(multiply(table, change).values, change.columns, to.table, to.dim, false);
  if (!opens) to.projection.fill(0);
  place(narrow.values, old.baseDim, to.projection, to.baseDim, !opens);
  return { keepsDirections: false, energy, lost: error ** 2 };
}

/** The rows of a matrix at the start of those of a wider one, whose other columns are left, or made 0. */
function place(
  from: ArrayLike<number>,
  columns: number,
  to: Float32Array,
  width: number,
  clears: boolean,
): void {
  const rows = from.length / columns;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to[i * width + j] = from[i * columns + j];
    if (clears) to.fill(0, i * width + columns, (i + 1) * width);
  }
}

function copyColumns(from: Float32Array, to: Float32Array, width: number, first: number): void {
  for (let at = 0; at < to.length; at += width) to.set(from.subarray(at + first, at + width), at + first);
}
