import { isQuantised, type Optimizer } from '../../../program/operand.ts';
import { elementCount } from '../../../program/tensor.ts';
import { rowMeter } from '../gradient.ts';
import { savedReader } from '../quantisedActivation.ts';
import { savedOperand } from './quantisedActivation.ts';
import { panelBytes, type SimdOp, tiles } from './simdOp.ts';

/** Examples of a block of linearBackwardWeight: BLOCK in ../assembly/linear.ts. */
const BLOCK = 256;
/** Examples whose codes `linear` decodes at once: DECODED_EXAMPLES there. */
const DECODED_EXAMPLES = 64;

export const linear: SimdOp<'linear'> = {
  scratch: ({ x, weight }) => [
    panelBytes(weight.shape[0]),
    isQuantised(x) ? panelBytes(DECODED_EXAMPLES) * tiles(weight.shape[0]) : 0,
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

export const denseUpdate: SimdOp<'dense-update'> = {
  scratch: () => [],
  make({ optimizer, parameters, gradients, state }, { kernels, address }) {
    const [V, G, ...S] = [parameters, gradients, ...state].map(address);
    const count = elementCount(parameters);
    return ({ learningRate, step }) => {
      switch (optimizer.kind) {
        case 'sgd':
          return kernels.sgd(V, G, count, learningRate);
        case 'adagrad':
          return kernels.adagrad(V, G, S[0], count, learningRate, optimizer.epsilon);
        case 'adam': {
          const [M, SECOND, MAX = 0] = S;
          return kernels.adam(V, G, M, SECOND, MAX, count, ...adamFactors(optimizer, learningRate, step));
        }
      }
    };
  },
};

type Adam = Extract<Optimizer, { kind: 'adam' }>;

/** β1, 1 − β1, β2, 1 − β2, lr/(1 − β1^t), √(1 − β2^t), ε */
export function adamFactors({ beta1, beta2, epsilon }: Adam, learningRate: number, step: number): number[] {
  const rate = learningRate / (1 - beta1 ** step);
  const root = Math.sqrt(1 - beta2 ** step);
  return [beta1, 1 - beta1, beta2, 1 - beta2, rate, root, epsilon];
}

/** Rows of the gradient made at once. */
const ROWS = 16;

/** The weight gradient's own product, of a few columns of x at a time. */
export const measureGradient: SimdOp<'measure-gradient'> = {
  scratch({ x, dy }) {
    const [batch] = x.shape;
    const outputs = dy.shape[1];
    const ofProduct = [panelBytes(BLOCK), panelBytes(BLOCK) * tiles(ROWS)];
    return [4 * batch * ROWS, 4 * ROWS * outputs, 4 * outputs, ...ofProduct];
  },
  make(op, { kernels, address, memory, linear }, [columnsAt, rowsAt, sumsAt, panel, packedX]) {
    const read = savedReader(op.x, memory);
    const measureRow = rowMeter(op, memory);
    const DY = address(op.dy);
    const [batch, inputs] = op.x.shape;
    const outputs = op.dy.shape[1];
    const columns = new Float32Array(linear.memory.buffer, columnsAt, batch * ROWS);
    const rows = new Float32Array(linear.memory.buffer, rowsAt, ROWS * outputs);
    return ({ measures }) => {
      if (!measures) return;
      for (let first = 0; first < inputs; first += ROWS) {
        const own = Math.min(ROWS, inputs - first);
        for (let b = 0; b < batch; b++)
          for (let c = 0; c < own; c++) columns[b * own + c] = read(b * inputs + first + c);
        kernels.linearBackwardWeight(
          columnsAt,
          0,
          0,
          DY,
          rowsAt,
          sumsAt,
          batch,
          own,
          outputs,
          panel,
          packedX,
        );
        for (let c = 0; c < own; c++)
          measureRow(first + c, Float64Array.from(rows.subarray(c * outputs, (c + 1) * outputs)));
      }
    };
  },
};
