import { type DenseMatrix, multiply } from './matrix.ts';
import { whiteningOf } from './leverage.ts';
import { decompose, type Spectrum } from './spectrum.ts';
import { TriangularFactor } from './triangularFactor.ts';

/** A factor of the rows of a block, [any, d]: R, say. And what widens them to vectors, [d, D]; no projection: d = D. */
export interface BlockFactor {
  readonly factor: DenseMatrix;
  readonly projection: DenseMatrix | undefined;
}

/**
 * What the vectors of a field hold: of E_b·P_b of all its blocks, one below the other. Since ‖E_b·P_b·x‖ = ‖R_b·P_b·x‖, the
 * factors stand for the tables; from sketches of distortion ε all is within that ε.
 */
export function fieldSpectrum(blocks: readonly BlockFactor[]): Spectrum {
  return decompose(fieldFactor(blocks));
}

/**
 * C_b [d, rank] of every block with ‖e·C_b‖² = the leverage of the vector that a stored row e stands for. `spectrum`: theirs, where
 * it is known.
 */
export function leverageChanges(
  blocks: readonly BlockFactor[],
  spectrum: Spectrum = fieldSpectrum(blocks),
): readonly DenseMatrix[] {
  const change = whiteningOf(spectrum);
  return blocks.map(({ projection }) => (projection ? multiply(projection, change) : change));
}

/** The factors one below the other, or where these are more than D rows, their R. */
function fieldFactor(blocks: readonly BlockFactor[]): DenseMatrix {
  const parts = blocks.map(({ factor, projection }) => (projection ? multiply(factor, projection) : factor));
  const { columns } = parts[0];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows > columns) {
    const whole = new TriangularFactor(columns);
    for (const { values } of parts) whole.add(values);
    return whole.factor();
  }
  const values = new Float64Array(rows * columns);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { rows, columns, values };
}
