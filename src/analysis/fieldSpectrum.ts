import { type DenseMatrix, multiply } from './matrix.ts';
import { whitening } from './leverage.ts';
import { decompose, type Spectrum } from './spectrum.ts';
import { TriangularFactor } from './triangularFactor.ts';

/** A factor R of the rows of a block, [d, d], and what widens them to vectors, [d, D]; no projection: d = D. */
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

/** C_b [d, rank] of every block with ‖e·C_b‖² = the leverage of the vector that a stored row e stands for. */
export function leverageChanges(blocks: readonly BlockFactor[]): readonly DenseMatrix[] {
  const change = whitening(fieldFactor(blocks));
  return blocks.map(({ projection }) => (projection ? multiply(projection, change) : change));
}

function fieldFactor(blocks: readonly BlockFactor[]): DenseMatrix {
  const { factor: first, projection } = blocks[0];
  const whole = new TriangularFactor((projection ?? first).columns);
  for (const { factor, projection: own } of blocks) whole.add((own ? multiply(factor, own) : factor).values);
  return whole.factor();
}
