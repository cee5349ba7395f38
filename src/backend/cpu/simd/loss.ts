import type { SimdOp } from './simdOp.ts';

export const l2Penalty: SimdOp<'l2-penalty'> = {
  scratch: () => [],
  make({ vectors, dVectors, weight }, { kernels, address }) {
    const [V, DV] = [vectors, dVectors].map(address);
    const [, F, D] = vectors.shape;
    return ({ count }) => kernels.addScaled(DV, V, (2 * weight) / count, count * F * D);
  },
};
