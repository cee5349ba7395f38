import { panelBytes, type SimdOp, tiles } from './simdOp.ts';

export const interact: SimdOp<'interact'> = {
  scratch({ bottom, vectors }) {
    const [, F, D] = vectors.shape;
    const T = F + (bottom ? 1 : 0);
    return [panelBytes(D), panelBytes(T) * tiles(T)];
  },
  make({ bottom, vectors, out }, { kernels, address }, [panel, products]) {
    const [BOTTOM, V, OUT] = [bottom, vectors, out].map(address);
    const [B, F, D] = vectors.shape;
    return () => kernels.interact(BOTTOM, V, OUT, B, F, D, panel, products);
  },
};

export const interactBackward: SimdOp<'interact-backward'> = {
  scratch({ bottom, vectors }) {
    const T = vectors.shape[1] + (bottom ? 1 : 0);
    return [4 * (T + 2) * T, panelBytes(T)];
  },
  make({ bottom, vectors, dOut, dBottom, dVectors, mask }, { kernels, address }, [symmetric, panel]) {
    const [BOTTOM, V, DOUT, DBOTTOM, DV] = [bottom, vectors, dOut, dBottom, dVectors].map(address);
    const MASK = address(mask);
    const [B, F, D] = vectors.shape;
    return () => kernels.interactBackward(BOTTOM, V, DOUT, DBOTTOM, DV, MASK, B, F, D, symmetric, panel);
  },
};
