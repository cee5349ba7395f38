import type { OpOf } from '../../../program/op.ts';
import type { DispatchBuilder, OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, dispatch, uniformStruct } from '../kernel.ts';

const placed = counts('partsAt', 'lookupsAt', 'gatheredAt', 'hiddenAt');
const hiddenKernel = {
  shader: 'path_hidden',
  variant: {},
  sizes: uniformStruct({ ...counts('elements', 'parts', 'width', 'baseDim', 'widest'), ...placed }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', hidden: 'write' }),
};
const shape = counts('elements', 'parts', 'width', 'fields', 'baseDim', 'widest');
const vectorsKernel = {
  shader: 'path',
  variant: {},
  sizes: uniformStruct({ ...shape, ...placed, ...counts('vectorsAt') }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', hidden: 'read', vectors: 'write' }),
};
const hiddenBackwardKernel = {
  shader: 'path_backward_hidden',
  variant: {},
  sizes: uniformStruct({ ...shape, ...placed, ...counts('dVectorsAt', 'dHiddenAt') }),
  buffers: bindings(1, {
    constants: 'read',
    gathered: 'read',
    hidden: 'read',
    dVectors: 'read',
    dHidden: 'write',
  }),
};
const backwardKernel = {
  shader: 'path_backward',
  variant: {},
  sizes: uniformStruct({
    ...shape,
    ...counts('slots'),
    ...placed,
    ...counts('dVectorsAt', 'dHiddenAt', 'dGatheredAt'),
  }),
  buffers: bindings(1, {
    constants: 'read',
    gathered: 'read',
    hidden: 'read',
    dVectors: 'read',
    dHidden: 'read',
    dGathered: 'write',
  }),
};

export const path: OpLowering<'path'> = (op, builder) => {
  const { gathered, hidden, vectors } = op;
  const { fields, baseDim, batchParts, ...sizes } = sizesOf(op, vectors.shape, builder);
  const units = batchParts * sizes.widest;
  const elements = batchParts * baseDim;
  const constants = { THREADS: builder.tuning.threads };
  return [
    dispatch(`path hidden ${vectors.name}`, hiddenKernel, {
      constants,
      sizes: { ...sizes, elements: units, baseDim },
      operands: { constants: 'constants', gathered, hidden },
      workgroups: builder.groupsFor(units),
    }),
    dispatch(`path ${vectors.name}`, vectorsKernel, {
      constants,
      sizes: { ...sizes, elements, fields, baseDim, vectorsAt: vectors.offset },
      operands: { constants: 'constants', gathered, hidden, vectors },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

export const pathBackward: OpLowering<'path-backward'> = (op, builder) => {
  const { gathered, hidden, dVectors, dHidden, dGathered, layout, parts } = op;
  const { batchParts, ...shared } = sizesOf(op, dVectors.shape, builder);
  const sizes = { ...shared, dVectorsAt: dVectors.offset, dHiddenAt: dHidden.offset };
  const slots = Math.max(
    ...parts.map(({ lookup }) => layout.lookups[lookup].slotWidth + layout.lookups[lookup + 1].slotWidth),
  );
  const units = batchParts * sizes.widest;
  const elements = batchParts * slots;
  const constants = { THREADS: builder.tuning.threads };
  return [
    dispatch(`path-backward hidden ${dGathered.name}`, hiddenBackwardKernel, {
      constants,
      sizes: { ...sizes, elements: units },
      operands: { constants: 'constants', gathered, hidden, dVectors, dHidden },
      workgroups: builder.groupsFor(units),
    }),
    dispatch(`path-backward ${dGathered.name}`, backwardKernel, {
      constants,
      sizes: { ...sizes, elements, slots, dGatheredAt: dGathered.offset },
      operands: { constants: 'constants', gathered, hidden, dVectors, dHidden, dGathered },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

function sizesOf(
  { layout, parts, gathered, hidden }: OpOf<'path'> | OpOf<'path-backward'>,
  [batch, fields, baseDim]: readonly number[],
  builder: DispatchBuilder,
) {
  const words = parts.flatMap((part) => [part.field, part.lookup, part.hidden]);
  return {
    batchParts: batch * parts.length,
    parts: parts.length,
    width: layout.width,
    fields,
    baseDim,
    widest: hidden.shape[2],
    partsAt: builder.placeWords(words),
    lookupsAt: builder.placeLayout(layout).lookupsAt,
    gatheredAt: gathered.offset,
    hiddenAt: hidden.offset,
  };
}
