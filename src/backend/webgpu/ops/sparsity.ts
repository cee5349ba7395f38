import type { OpOf } from '../../../program/op.ts';
import { PRUNE_DIGITS } from '../../../program/operand.ts';
import { elementCount } from '../../../program/tensor.ts';
import type { DispatchBuilder, OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, dispatch, uniformStruct } from '../kernel.ts';
import { partWords } from './embedding.ts';

const histogramKernel = {
  shader: 'prune_histogram',
  variant: {},
  sizes: uniformStruct(
    counts('elements', 'valuesAt', 'selectionAt', 'histogramAt', 'shift', 'bins', 'above'),
  ),
  buffers: bindings(1, { values: 'read', selection: 'read', histogram: 'write' }),
};
const selectKernel = {
  shader: 'prune_select',
  variant: {},
  sizes: uniformStruct(counts('selectionAt', 'histogramAt', 'shift', 'bins', 'first')),
  buffers: bindings(1, { histogram: 'write', selection: 'write' }),
};
const zeroKernel = {
  shader: 'prune_zero',
  variant: {},
  sizes: uniformStruct(counts('elements', 'valuesAt', 'selectionAt')),
  buffers: bindings(1, { selection: 'read', values: 'write' }),
};

/** Values of a workgroup of prune_histogram. */
const GROUP_VALUES = 8192;

export const prune: OpLowering<'prune'> = ({ values, histogram, selection }, builder) => {
  const elements = elementCount(values);
  const places = { selectionAt: selection.offset, histogramAt: histogram.offset };
  const digits = PRUNE_DIGITS.flatMap(({ shift, bins }, digit) => [
    dispatch(`prune ${values.name}: count digit ${digit}`, histogramKernel, {
      sizes: { ...places, elements, valuesAt: values.offset, shift, bins, above: shift + Math.log2(bins) },
      operands: { values, selection, histogram },
      workgroups: Math.ceil(elements / GROUP_VALUES),
    }),
    dispatch(`prune ${values.name}: select digit ${digit}`, selectKernel, {
      sizes: { ...places, shift, bins, first: digit === 0 ? 1 : 0 },
      operands: { histogram, selection },
      workgroups: 1,
    }),
  ]);
  return [
    ...digits,
    dispatch(`prune ${values.name}`, zeroKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: { elements, valuesAt: values.offset, selectionAt: selection.offset },
      operands: { selection, values },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

const forwardKernel = {
  shader: 'soft_threshold',
  variant: {},
  sizes: uniformStruct({
    ...counts('elements', 'parts', 'width', 'fields', 'baseDim', 'partsAt', 'lookupsAt'),
    ...counts('gatheredAt', 'vectorsAt', 'thresholdsAt'),
    rate: 'f32',
  }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', thresholds: 'read', vectors: 'write' }),
};
const backwardKernel = {
  shader: 'soft_threshold_backward',
  variant: {},
  sizes: uniformStruct({
    ...counts('batch', 'width', 'fields', 'baseDim', 'partsAt', 'lookupsAt', 'gatheredAt', 'dVectorsAt'),
    ...counts('dGatheredAt', 'thresholdsAt', 'dThresholdsAt'),
    rate: 'f32',
    decay: 'f32',
  }),
  buffers: bindings(1, {
    constants: 'read',
    gathered: 'read',
    dVectors: 'read',
    thresholds: 'read',
    dGathered: 'write',
    dThresholds: 'write',
  }),
};
const rangeSizes = {
  ...counts('elements', 'ranges', 'rangesAt', 'thresholdsAt', 'nonZerosAt'),
  rate: 'f32',
} as const;
const countKernel = {
  shader: 'freeze_count',
  variant: {},
  sizes: uniformStruct(rangeSizes),
  buffers: bindings(1, { constants: 'read', thresholds: 'read', tables: 'read', nonZeros: 'write' }),
};
const applyKernel = {
  shader: 'freeze_apply',
  variant: {},
  sizes: uniformStruct(rangeSizes),
  buffers: bindings(1, { constants: 'read', thresholds: 'read', nonZeros: 'read', tables: 'write' }),
};
const finishKernel = {
  shader: 'freeze_finish',
  variant: {},
  sizes: uniformStruct({ ...counts('ranges', 'thresholdsAt', 'nonZerosAt'), rate: 'f32' }),
  buffers: bindings(1, { thresholds: 'write', nonZeros: 'write' }),
};

/** Elements of a workgroup of freeze_count. */
const GROUP_ELEMENTS = 8192;

export const softThreshold: OpLowering<'soft-threshold'> = (op, builder) => {
  const { gathered, vectors, thresholds, parts, rate } = op;
  const elements = vectors.shape[0] * parts.length * op.layout.baseDim;
  return [
    dispatch(`soft-threshold ${vectors.name}`, forwardKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        ...sizesOf(op, vectors.shape[1], builder),
        elements,
        parts: parts.length,
        vectorsAt: vectors.offset,
        rate,
      },
      operands: { constants: 'constants', gathered, thresholds, vectors },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

export const softThresholdBackward: OpLowering<'soft-threshold-backward'> = (op, builder) => {
  const { gathered, dVectors, dGathered, thresholds, dThresholds, parts, rate, decay } = op;
  const [batch, fields] = dVectors.shape;
  return [
    dispatch(`soft-threshold-backward ${dGathered.name}`, backwardKernel, {
      sizes: {
        ...sizesOf(op, fields, builder),
        batch,
        dVectorsAt: dVectors.offset,
        dGatheredAt: dGathered.offset,
        dThresholdsAt: dThresholds.offset,
        rate,
        decay,
      },
      operands: { constants: 'constants', gathered, dVectors, thresholds, dGathered, dThresholds },
      workgroups: parts.length,
    }),
  ];
};

function sizesOf(
  { layout, parts, gathered, thresholds }: OpOf<'soft-threshold'> | OpOf<'soft-threshold-backward'>,
  fields: number,
  builder: DispatchBuilder,
) {
  return {
    width: layout.width,
    fields,
    baseDim: layout.baseDim,
    partsAt: builder.placeWords(partWords(parts)),
    lookupsAt: builder.placeLayout(layout).lookupsAt,
    gatheredAt: gathered.offset,
    thresholdsAt: thresholds.offset,
  };
}

export const freezeThresholds: OpLowering<'freeze-thresholds'> = (
  { tables, ranges, thresholds, rate, nonZeros },
  builder,
) => {
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
  const rangesAt = builder.placeWords(words);
  return [
    dispatch(`freeze-thresholds ${tables.name}: count`, countKernel, {
      sizes: { ...sizes, elements, rangesAt },
      operands: { constants: 'constants', tables, thresholds, nonZeros },
      workgroups: Math.ceil(elements / GROUP_ELEMENTS),
    }),
    dispatch(`freeze-thresholds ${tables.name}: apply`, applyKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: { ...sizes, elements, rangesAt },
      operands: { constants: 'constants', thresholds, nonZeros, tables },
      workgroups: builder.groupsFor(elements),
    }),
    dispatch(`freeze-thresholds ${tables.name}: finish`, finishKernel, {
      sizes,
      operands: { thresholds, nonZeros },
      workgroups: 1,
    }),
  ];
};
