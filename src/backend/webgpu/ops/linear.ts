import { storageOf } from '../../../program/tensor.ts';
import { type DispatchBuilder, type OpLowering, partsFor } from '../dispatchBuilder.ts';
import {
  bindings,
  counts,
  type Dispatch,
  dispatch,
  type Kernel,
  type Operand,
  uniformStruct,
} from '../kernel.ts';
import type { Tuning } from '../tuning.ts';
import { bindSaved, FIRST_UNSAVED_BINDING, savedKernel } from './quantisedActivation.ts';

const product = counts('rows', 'columns', 'depth', 'partDepth', 'aAt', 'bAt');

const linearKernel = {
  shader: 'linear',
  sizes: uniformStruct({ ...product, ...counts('biasAt', 'yAt') }),
  buffers: bindings(FIRST_UNSAVED_BINDING, { b: 'read', bias: 'read', y: 'write' }),
};
const inputKernel = {
  shader: 'linear_backward_input',
  sizes: uniformStruct({ ...product, ...counts('maskAt', 'dxAt') }),
  buffers: bindings(FIRST_UNSAVED_BINDING, { a: 'read', b: 'read', dx: 'write' }),
};
const weightKernel = {
  shader: 'linear_backward_weight',
  sizes: uniformStruct({ ...product, ...counts('weightAt', 'biasAt', 'partStride') }),
  buffers: bindings(FIRST_UNSAVED_BINDING, { b: 'read', out: 'write' }),
};
const sumPartsKernel = {
  shader: 'sum_parts',
  variant: {},
  sizes: uniformStruct(counts('elements', 'parts', 'stride', 'first', 'outAt')),
  buffers: bindings(1, { parts: 'read', out: 'write' }),
};

/** The ways of multiplying: see shaders/matmul_*.wgsl. */
function variantOf<K extends Omit<Kernel, 'variant'>>(kernel: K, { matmul }: Tuning) {
  return { ...kernel, variant: { matmul } };
}

function matmulConstants(tuning: Tuning): Record<string, number> {
  if (tuning.matmul === 'tiled') return { TILE_M: tuning.tileM, TILE_N: tuning.tileN };
  return { THREADS: tuning.matmulThreads };
}

function matmulGroups(tuning: Tuning, rows: number, columns: number, parts = 1): number {
  const { matmul, matmulThreads, tileM, tileN } = tuning;
  if (matmul === 'tiled') return parts * Math.ceil(rows / tileM) * Math.ceil(columns / tileN);
  const [side, threads] = matmul === 'quads' ? [16, 4] : [8, 1];
  const blocks = parts * Math.ceil(rows / side) * Math.ceil(columns / side);
  return Math.ceil((blocks * threads) / matmulThreads);
}

export const linear: OpLowering<'linear'> = ({ x, weight, bias, y, activation }, { tuning }) => {
  const [depth, columns] = weight.shape;
  const rows = y.shape[0];
  const saved = bindSaved(x);
  return [
    dispatch(`linear ${y.name}`, savedKernel(variantOf(linearKernel, tuning), saved), {
      constants: { ...matmulConstants(tuning), ...saved.constants, RELU: activation === 'relu' ? 1 : 0 },
      sizes: {
        rows,
        columns,
        depth,
        partDepth: depth,
        aAt: saved.at,
        bAt: weight.offset,
        biasAt: bias.offset,
        yAt: y.offset,
      },
      operands: { ...saved.operands, b: weight, bias, y },
      workgroups: matmulGroups(tuning, rows, columns),
    }),
  ];
};

export const linearBackwardInput: OpLowering<'linear-backward-input'> = (
  { dy, weight, dx, mask },
  { tuning },
) => {
  const [columns, depth] = weight.shape;
  const rows = dx.shape[0];
  const saved = bindSaved(mask ?? dy);
  return [
    dispatch(`linear-backward-input ${dx.name}`, savedKernel(variantOf(inputKernel, tuning), saved), {
      constants: { ...matmulConstants(tuning), ...saved.constants, HAS_MASK: mask ? 1 : 0 },
      sizes: {
        rows,
        columns,
        depth,
        partDepth: depth,
        aAt: dy.offset,
        bAt: weight.offset,
        maskAt: saved.at,
        dxAt: dx.offset,
      },
      operands: { ...saved.operands, a: dy, b: weight, dx },
      workgroups: matmulGroups(tuning, rows, columns),
    }),
  ];
};

export const linearBackwardWeight: OpLowering<'linear-backward-weight'> = (
  { x, dy, dWeight, dBias },
  builder,
) => {
  const { tuning } = builder;
  const [rows, columns] = dWeight.shape;
  const depth = x.shape[0];
  const partStride = (rows + 1) * columns;
  const together = storageOf(dWeight) === storageOf(dBias);
  const parts = partsFor(tuning, Math.ceil(rows / 4) * Math.ceil(columns / 4), depth, partStride);
  const direct = parts === 1 && together;
  if (!direct) builder.reserveScratch(parts * partStride);
  const partDepth = Math.ceil(depth / parts);
  const label = `linear-backward-weight ${dWeight.name}`;
  const saved = bindSaved(x);
  const matmul = dispatch(label, savedKernel(variantOf(weightKernel, tuning), saved), {
    constants: { ...matmulConstants(tuning), ...saved.constants },
    sizes: {
      rows,
      columns,
      depth,
      partDepth,
      aAt: saved.at,
      bAt: dy.offset,
      weightAt: direct ? dWeight.offset : 0,
      biasAt: direct ? dBias.offset : rows * columns,
      partStride,
    },
    operands: { ...saved.operands, b: dy, out: direct ? dWeight : 'scratch' },
    workgroups: matmulGroups(tuning, rows, columns, Math.ceil(depth / partDepth)),
  });
  if (direct) return [matmul];
  const sum = (out: Operand, first: number, elements: number, outAt: number) =>
    sumParts(builder, `${label} sum`, out, {
      elements,
      parts: Math.ceil(depth / partDepth),
      stride: partStride,
      first,
      outAt,
    });
  const weights = rows * columns;
  if (together && dBias.offset === dWeight.offset + weights)
    return [matmul, sum(dWeight, 0, weights + columns, dWeight.offset)];
  return [matmul, sum(dWeight, 0, weights, dWeight.offset), sum(dBias, weights, columns, dBias.offset)];
};

interface SumPartsSizes {
  readonly elements: number;
  readonly parts: number;
  readonly stride: number;
  readonly first: number;
  readonly outAt: number;
}

/** The second pass of a sum that was split over `parts` in the scratch. */
export function sumParts(
  builder: DispatchBuilder,
  label: string,
  out: Operand,
  sizes: SumPartsSizes,
): Dispatch {
  return dispatch(label, sumPartsKernel, {
    constants: { THREADS: builder.tuning.threads },
    sizes: { ...sizes },
    operands: { parts: 'scratch', out },
    workgroups: builder.groupsFor(sizes.elements),
  });
}
