import type { Optimizer } from '../../../program/operand.ts';
import { elementCount, type Tensor } from '../../../program/tensor.ts';
import type { OpLowering } from '../dispatchBuilder.ts';
import {
  type Access,
  bindings,
  type BufferBinding,
  counts,
  dispatch,
  type Operand,
  uniformStruct,
} from '../kernel.ts';

export const coefficientMembers = {
  epsilon: 'f32',
  beta1: 'f32',
  oneMinusBeta1: 'f32',
  beta2: 'f32',
  oneMinusBeta2: 'f32',
} as const;

/** 1 − β is taken in float64: in float32 it would lose half its digits. */
export function coefficientsOf(optimizer: Optimizer) {
  const { beta1, beta2 } = optimizer.kind === 'adam' ? optimizer : { beta1: 0, beta2: 0 };
  const epsilon = optimizer.kind === 'sgd' ? 0 : optimizer.epsilon;
  return { epsilon, beta1, oneMinusBeta1: 1 - beta1, beta2, oneMinusBeta2: 1 - beta2 };
}

type OptimizerShader = 'sgd' | 'adagrad' | 'row_adagrad' | 'adam';

/** Bindings 8 … of shaders/optimizer_*.wgsl. */
const stateAccess: Readonly<Record<OptimizerShader, Readonly<Record<string, Access>>>> = {
  sgd: {},
  adagrad: { stateSum: 'write' },
  row_adagrad: { stateSum: 'write' },
  adam: { m: 'write', v: 'write', vMax: 'write' },
};

export function stateOperands(optimizer: Optimizer, state: readonly Tensor[]): Record<string, Operand> {
  if (state.some((tensor) => tensor.base)) throw new Error('optimiser state must own its memory');
  switch (optimizer.kind) {
    case 'sgd':
      return {};
    case 'adagrad':
      return { stateSum: state[0] };
    case 'adam':
      return { m: state[0], v: state[1], vMax: state[2] ?? 'scratch' };
  }
}

export function structure(optimizer: Optimizer): Record<string, number> {
  return optimizer.kind === 'adam' ? { AMSGRAD: optimizer.amsgrad ? 1 : 0 } : {};
}

const denseSizes = uniformStruct({ ...counts('elements', 'valuesAt', 'gradientsAt'), ...coefficientMembers });
const denseBuffers = bindings(1, { gradients: 'read', values: 'write' });

export function kernelOf<S, B extends Readonly<Record<string, BufferBinding>>>(
  shader: string,
  optimizer: OptimizerShader,
  sizes: S,
  buffers: B,
) {
  const state = bindings(8, stateAccess[optimizer]);
  return { shader, variant: { optimizer }, sizes, buffers: { ...buffers, ...state } as B };
}

export const denseUpdate: OpLowering<'dense-update'> = (op, builder) => {
  const { optimizer, parameters, gradients, state } = op;
  const elements = elementCount(parameters);
  return [
    dispatch(
      `dense-update ${parameters.name}`,
      kernelOf('dense_update', optimizer.kind, denseSizes, denseBuffers),
      {
        constants: { THREADS: builder.tuning.threads, ...structure(optimizer) },
        sizes: {
          elements,
          valuesAt: parameters.offset,
          gradientsAt: gradients.offset,
          ...coefficientsOf(optimizer),
        },
        operands: { gradients, values: parameters, ...stateOperands(optimizer, state) },
        workgroups: builder.groupsFor(Math.ceil(elements / 4)),
      },
    ),
  ];
};
