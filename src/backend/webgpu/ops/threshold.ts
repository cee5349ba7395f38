import type { OpOf } from '../../../program/op.ts';
import { bindings, dispatch } from '../kernel.ts';
import type { OpPlanner, Planner } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';
import { partWords } from './embedding.ts';

const forwardKernel = {
  shader: 'soft_threshold',
  variant: {},
  sizes: uniformStruct({
    ...counts('elements', 'parts', 'width', 'fields', 'baseDim', 'partsAt', 'lookupsAt'),
    ...counts('storedAt', 'vectorsAt', 'thresholdsAt'),
    rate: 'f32',
  }),
  buffers: bindings(1, { constants: 'read', stored: 'read', thresholds: 'read', vectors: 'write' }),
};
const backwardKernel = {
  shader: 'soft_threshold_backward',
  variant: {},
  sizes: uniformStruct({
    ...counts('batch', 'width', 'fields', 'baseDim', 'partsAt', 'lookupsAt', 'storedAt', 'dVectorsAt'),
    ...counts('dStoredAt', 'thresholdsAt', 'dThresholdsAt'),
    rate: 'f32',
    decay: 'f32',
  }),
  buffers: bindings(1, {
    constants: 'read',
    stored: 'read',
    dVectors: 'read',
    thresholds: 'read',
    dStored: 'write',
    dThresholds: 'write',
  }),
};
const rangeSizes = {
  ...counts('elements', 'ranges', 'rangesAt', 'thresholdsAt', 'nonZerosAt'),
  rate: 'f32',
} as const;
const countKernel = {
  shader: 'harden_count',
  variant: {},
  sizes: uniformStruct(rangeSizes),
  buffers: bindings(1, { constants: 'read', tables: 'read', thresholds: 'read', nonZeros: 'write' }),
};
const applyKernel = {
  shader: 'harden_apply',
  variant: {},
  sizes: uniformStruct(rangeSizes),
  buffers: bindings(1, { constants: 'read', thresholds: 'read', nonZeros: 'read', tables: 'write' }),
};
const finishKernel = {
  shader: 'harden_finish',
  variant: {},
  sizes: uniformStruct({ ...counts('ranges', 'thresholdsAt', 'nonZerosAt'), rate: 'f32' }),
  buffers: bindings(1, { thresholds: 'write', nonZeros: 'write' }),
};

/** Elements of a workgroup of harden_count. */
const GROUP_ELEMENTS = 8192;

export const softThreshold: OpPlanner<'soft-threshold'> = (op, planner) => {
  const { stored, vectors, thresholds, parts, rate } = op;
  const elements = vectors.shape[0] * parts.length * op.layout.baseDim;
  return [
    dispatch(`soft-threshold ${vectors.name}`, forwardKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        ...sizesOf(op, vectors.shape[1], planner),
        elements,
        parts: parts.length,
        vectorsAt: vectors.offset,
        rate,
      },
      operands: { constants: 'constants', stored, thresholds, vectors },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

export const softThresholdBackward: OpPlanner<'soft-threshold-backward'> = (op, planner) => {
  const { stored, dVectors, dStored, thresholds, dThresholds, parts, rate, decay } = op;
  const [batch, fields] = dVectors.shape;
  return [
    dispatch(`soft-threshold-backward ${dStored.name}`, backwardKernel, {
      sizes: {
        ...sizesOf(op, fields, planner),
        batch,
        dVectorsAt: dVectors.offset,
        dStoredAt: dStored.offset,
        dThresholdsAt: dThresholds.offset,
        rate,
        decay,
      },
      operands: { constants: 'constants', stored, dVectors, thresholds, dStored, dThresholds },
      workgroups: parts.length,
    }),
  ];
};

function sizesOf(
  { layout, parts, stored, thresholds }: OpOf<'soft-threshold'> | OpOf<'soft-threshold-backward'>,
  fields: number,
  planner: Planner,
) {
  return {
    width: layout.width,
    fields,
    baseDim: layout.baseDim,
    partsAt: planner.placeWords(partWords(parts)),
    lookupsAt: planner.placeLayout(layout).lookupsAt,
    storedAt: stored.offset,
    thresholdsAt: thresholds.offset,
  };
}

export const harden: OpPlanner<'harden'> = ({ tables, ranges, thresholds, rate, nonZeros }, planner) => {
  let elements = 0;
  const words = ranges.flatMap((range) => {
    const before = elements;
    elements += range.elements;
    return [before, tables.offset + range.offset];
  });
  const sizes = {
    ranges: ranges.length,
    thresholdsAt: thresholds.offset,
    nonZerosAt: nonZeros.offset,
    rate,
  };
  const rangesAt = planner.placeWords(words);
  return [
    dispatch(`harden ${tables.name}: count`, countKernel, {
      sizes: { ...sizes, elements, rangesAt },
      operands: { constants: 'constants', tables, thresholds, nonZeros },
      workgroups: Math.ceil(elements / GROUP_ELEMENTS),
    }),
    dispatch(`harden ${tables.name}: apply`, applyKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: { ...sizes, elements, rangesAt },
      operands: { constants: 'constants', thresholds, nonZeros, tables },
      workgroups: planner.groupsFor(elements),
    }),
    dispatch(`harden ${tables.name}: finish`, finishKernel, {
      sizes,
      operands: { thresholds, nonZeros },
      workgroups: 1,
    }),
  ];
};
