import { fieldSpectrum } from '../../analysis/fieldSpectrum.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';
import type { BlockVectors } from '../resize/refitBlock.ts';

/** Singular values of a block's vectors, row i of them times rowFactors[i]. */
export function blockSpectrum(
  { table, projection, dim, baseDim }: BlockVectors,
  rowFactors: Float64Array,
): Float64Array {
  const factor = new TriangularFactor(dim);
  factor.add(table, rowFactors);
  const wide = projection && { rows: dim, columns: baseDim, values: projection };
  return fieldSpectrum([{ factor: factor.factor(), projection: wide }]).singularValues;
}
