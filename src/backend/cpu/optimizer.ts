import type { OpOf } from '../../program/op.ts';
import type { Optimizer } from '../../program/operand.ts';
import type { Step } from '../../program/program.ts';
import { segmentVisitor } from './embedding.ts';
import type { BoundOp, Floats, Memory } from './memory.ts';

/**
 * Moves values[at + i] by the gradient g[from + i], i < length; its state is at stateAt + i.
 * Adam as in PyTorch: step = lr/(1 − β1^t), denominator = √v/√(1 − β2^t) + ε; AMSGrad replaces v by
 * its maximum so far (Reddi et al. 2018).
 */
type Update = (
  step: Step,
  values: Floats,
  at: number,
  g: Floats,
  from: number,
  length: number,
  stateAt?: number,
) => void;

export function elementwise(optimizer: Optimizer, state: readonly Floats[]): Update {
  switch (optimizer.kind) {
    case 'sgd':
      return ({ learningRate }, values, at, g, from, length) => {
        for (let i = 0; i < length; i++) values[at + i] -= learningRate * g[from + i];
      };
    case 'adagrad': {
      const [sum] = state;
      const { epsilon } = optimizer;
      return ({ learningRate }, values, at, g, from, length, stateAt = at) => {
        for (let i = 0; i < length; i++) {
          const d = g[from + i];
          const a = sum[stateAt + i] + d * d;
          sum[stateAt + i] = a;
          values[at + i] -= (learningRate * d) / (Math.sqrt(a) + epsilon);
        }
      };
    }
    case 'adam': {
      const [m, v, vMax] = state;
      const { beta1, beta2, epsilon, amsgrad } = optimizer;
      return ({ learningRate, step }, values, at, g, from, length, stateAt = at) => {
        const rate = learningRate / (1 - beta1 ** step);
        const root = Math.sqrt(1 - beta2 ** step);
        for (let i = 0; i < length; i++) {
          const d = g[from + i];
          const k = stateAt + i;
          m[k] = beta1 * m[k] + (1 - beta1) * d;
          v[k] = beta2 * v[k] + (1 - beta2) * d * d;
          if (amsgrad && v[k] > vMax[k]) vMax[k] = v[k];
          const second = amsgrad ? vMax[k] : v[k];
          values[at + i] -= (rate * m[k]) / (Math.sqrt(second) / root + epsilon);
        }
      };
    }
  }
}

export function denseUpdate(op: OpOf<'dense-update'>, memory: Memory): BoundOp {
  const values = memory.floats(op.parameters);
  const gradients = memory.floats(op.gradients);
  const update = elementwise(
    op.optimizer,
    op.state.map((tensor) => memory.floats(tensor)),
  );
  return (step) => update(step, values, 0, gradients, 0, values.length);
}

/** Only the rows of the batch are read or written: the cost does not depend on the table's rows. */
export function embeddingUpdate(op: OpOf<'embedding-update'>, memory: Memory): BoundOp {
  const { layout, optimizer, keepZeros } = op;
  const forEachSegment = segmentVisitor(op, memory);
  const values = memory.floats(op.tables);
  const state = op.state.map((tensor) => memory.floats(tensor));
  const widest = Math.max(...layout.blocks.map((block) => block.dim));
  const sum = new Float64Array(widest);
  const isZero = new Uint8Array(keepZeros ? widest : 0);
  const update = rowUpdater(optimizer, state);
  return (step) =>
    forEachSegment(step, ({ dim, tableOffset, firstRow }, row, addGradient) => {
      sum.fill(0, 0, dim);
      addGradient(sum);
      const at = tableOffset + row * dim;
      if (keepZeros) for (let j = 0; j < dim; j++) isZero[j] = values[at + j] === 0 ? 1 : 0;
      update(step, values, at, sum, dim, { element: at, row: firstRow + row });
      if (keepZeros) for (let j = 0; j < dim; j++) if (isZero[j]) values[at + j] = 0;
    });
}

/** Moves values[at … at + dim) by the gradient g of a row, whose state begins at `element`, or is that of `row`. */
type RowUpdate = (
  step: Step,
  values: Floats,
  at: number,
  g: Floats,
  dim: number,
  state: { readonly element: number; readonly row: number },
) => void;

/** As element-wise, but Adagrad has one accumulator per row, of the mean square of its gradient (FBGEMM). */
export function rowUpdater(optimizer: Optimizer, state: readonly Floats[]): RowUpdate {
  if (optimizer.kind !== 'adagrad') {
    const update = elementwise(optimizer, state);
    return (step, values, at, g, dim, { element }) => update(step, values, at, g, 0, dim, element);
  }
  const [accumulators] = state;
  return ({ learningRate }, values, at, g, dim, { row }) => {
    let square = 0;
    for (let j = 0; j < dim; j++) square += g[j] * g[j];
    const accumulated = accumulators[row] + square / dim;
    accumulators[row] = accumulated;
    const rate = learningRate / (Math.sqrt(accumulated) + optimizer.epsilon);
    for (let j = 0; j < dim; j++) values[at + j] -= rate * g[j];
  };
}
