import { LONG_SEGMENT, type Optimizer } from '../../../program/operand.ts';
import { elementCount, type Tensor } from '../../../program/tensor.ts';
import {
  type Access,
  bindings,
  type BufferBinding,
  dispatch,
  type Operand,
  counts,
  uniformStruct,
} from '../kernel.ts';
import type { OpLowering } from '../dispatchBuilder.ts';
import { rowStride } from './embedding.ts';

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

const embeddingSizes = uniformStruct({
  ...counts(
    'width',
    'lookups',
    'batchLookups',
    'rowStride',
    'longSegment',
    'longStride',
    'lookupsAt',
    'blocksAt',
    'dGatheredAt',
    'valuesAt',
  ),
  ...coefficientMembers,
});
const embeddingBuffers = bindings(1, {
  constants: 'read',
  rows: 'read',
  occurrences: 'read',
  starts: 'read',
  dGathered: 'read',
  values: 'write',
});
const longBuffers = { ...embeddingBuffers, ...bindings(7, { long: 'read' }) };

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

/** Threads side by side on the elements of a row: near the mean width, so that few are idle. */
function lanesFor(meanWidth: number): number {
  return [1, 4, 16].find((lanes) => meanWidth <= 1.5 * lanes) ?? 64;
}

export const embeddingUpdate: OpLowering<'embedding-update'> = (op, builder) => {
  const { optimizer, data, layout, tables, dGathered, state, keepZeros } = op;
  const { occurrences, starts, long } = data.rowIndex;
  const [batch, width] = dGathered.shape;
  const lookups = layout.lookups.length;
  const { lookupsAt, blocksAt } = builder.placeLayout(layout);
  const lanes = lanesFor(width / layout.lookups.filter(({ blocks }) => blocks > 0).length);
  const threads = Math.max(lanes, builder.tuning.threads);
  const shader = optimizer.kind === 'adagrad' ? 'row_adagrad' : optimizer.kind;
  const sizes = {
    width,
    lookups,
    batchLookups: batch * lookups,
    rowStride: rowStride(data),
    longSegment: LONG_SEGMENT,
    longStride: long.shape[1],
    lookupsAt,
    blocksAt,
    dGatheredAt: dGathered.offset,
    valuesAt: tables.offset,
    ...coefficientsOf(optimizer),
  };
  const operands = {
    constants: 'constants',
    rows: data.rows,
    occurrences,
    starts,
    dGathered,
    values: tables,
    ...stateOperands(optimizer, state),
  } as const;
  const shared = data.lookups.some(({ space }, i, all) => i > 0 && space === all[i - 1].space);
  const constants = {
    LANES: lanes,
    KEEP_ZEROS: keepZeros ? 1 : 0,
    SHARED_SPACES: shared ? 1 : 0,
    ...structure(optimizer),
  };
  return [
    dispatch(
      `embedding-update ${tables.name}`,
      kernelOf('embedding_update', shader, embeddingSizes, embeddingBuffers),
      {
        constants: { ...constants, THREADS: threads },
        sizes,
        operands,
        workgroups: ({ segments }) => Math.ceil((segments * lanes) / threads),
      },
    ),
    dispatch(
      `embedding-update long ${tables.name}`,
      kernelOf('embedding_update_long', shader, embeddingSizes, longBuffers),
      {
        constants: { ...constants, THREADS: 256 },
        sizes,
        operands: { ...operands, long },
        workgroups: ({ longSegments }) => longSegments,
      },
    ),
  ];
};
