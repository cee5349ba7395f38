import { isQuantised } from '../../../program/quantisedActivation.ts';
import { savedOperand } from './quantisedActivation.ts';
import { panelBytes, type SimdOp, tiles } from './simdOp.ts';

/** Examples of a block of linearBackwardWeight: BLOCK in ../assembly/linear.ts. */
export const BLOCK = 256;
/** Examples that `linear` unpacks at once: UNPACKED there. */
const UNPACKED = 64;

export const linear: SimdOp<'linear'> = {
  scratch: ({ x, weight }) => [
    panelBytes(weight.shape[0]),
    isQuantised(x) ? panelBytes(UNPACKED) * tiles(weight.shape[0]) : 0,
  ],
  make({ x, weight, bias, y, activation }, { kernels, address }, [panel, rows]) {
    const X = savedOperand(x, address);
    const [W, BIAS, Y] = [weight, bias, y].map(address);
    const [K, N] = weight.shape;
    const B = y.shape[0];
    const relu = activation === 'relu' ? 1 : 0;
    return () => kernels.linear(...X, W, BIAS, Y, B, K, N, relu, panel, rows);
  },
};

export const linearBackwardInput: SimdOp<'linear-backward-input'> = {
  scratch: ({ weight }) => [panelBytes(weight.shape[1])],
  make({ dy, weight, dx, mask }, { kernels, address }, [panel]) {
    const [DY, W, DX] = [dy, weight, dx].map(address);
    const [MASK, bits] = mask ? savedOperand(mask, address) : [0, 0];
    const [K, N] = weight.shape;
    const B = dx.shape[0];
    return () => kernels.linearBackwardInput(DY, W, DX, MASK, bits, B, K, N, panel);
  },
};

export const linearBackwardWeight: SimdOp<'linear-backward-weight'> = {
  scratch: ({ dWeight }) => [panelBytes(BLOCK), panelBytes(BLOCK) * tiles(dWeight.shape[0])],
  make({ x, dy, dWeight, dBias }, { kernels, address }, [panel, packedX]) {
    const [DY, DW, DB] = [dy, dWeight, dBias].map(address);
    const X = savedOperand(x, address);
    const [K, N] = dWeight.shape;
    const B = x.shape[0];
    return () => kernels.linearBackwardWeight(...X, DY, DW, DB, B, K, N, panel, packedX);
  },
};
