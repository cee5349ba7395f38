import { finish, type Pieces } from '../pieces/pieces.ts';
import { whiteningOf } from './leverage.ts';
import { type DenseMatrix, multiply, multiplying } from './matrix.ts';
import { decomposing, type Spectrum } from './spectrum.ts';
import { TriangularFactor } from './triangularFactor.ts';

/** A factor of the rows of a block, [any, d], such as R, and the block's projection, [d, D]; undefined: d = D. */
export interface BlockFactor {
  readonly factor: DenseMatrix;
  readonly projection: DenseMatrix | undefined;
}

/**
 * The spectrum of a field's vectors: of E_b·P_b of all its blocks, stacked. Since ‖E_b·P_b·x‖ = ‖R_b·P_b·x‖, the
 * factors stand for the tables; from sketches of distortion ε, squares of the result are within 1 ± ε.
 */
export function* measuringField(blocks: readonly BlockFactor[]): Pieces<Spectrum> {
  return yield* decomposing(yield* fieldFactor(blocks));
}

/**
 * C_b [d, rank] of every block with ‖e·C_b‖² = the leverage of the vector that a stored row e stands for. `spectrum`: theirs, where
 * it is known.
 */
export function leverageChanges(
  blocks: readonly BlockFactor[],
  spectrum: Spectrum = finish(measuringField(blocks)),
): readonly DenseMatrix[] {
  const change = whiteningOf(spectrum);
  return blocks.map(({ projection }) => (projection ? multiply(projection, change) : change));
}

/** The factors one below the other, or where these are more than D rows, their R. */
function* fieldFactor(blocks: readonly BlockFactor[]): Pieces<DenseMatrix> {
  const parts: DenseMatrix[] = [];
  for (const { factor, projection } of blocks)
    parts.push(projection ? yield* multiplying(factor, projection) : factor);
  const { columns } = parts[0];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows > columns) {
    const whole = new TriangularFactor(columns);
    for (const { values } of parts) yield* whole.adding(values);
    return yield* whole.factoring();
  }
  const values = new Float64Array(rows * columns);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { rows, columns, values };
}
