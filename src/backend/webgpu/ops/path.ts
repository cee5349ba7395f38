import type { OpOf } from '../../../program/op.ts';
import { bindings, dispatch } from '../kernel.ts';
import type { OpPlanner, Planner } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';

const placed = counts('partsAt', 'lookupsAt', 'storedAt', 'hiddenAt');
const hiddenKernel = {
  shader: 'path_hidden',
  variant: {},
  sizes: uniformStruct({ ...counts('elements', 'parts', 'width', 'baseDim', 'widest'), ...placed }),
  buffers: bindings(1, { constants: 'read', stored: 'read', hidden: 'write' }),
};
const shape = counts('elements', 'parts', 'width', 'fields', 'baseDim', 'widest');
const vectorsKernel = {
  shader: 'path',
  variant: {},
  sizes: uniformStruct({ ...shape, ...placed, ...counts('vectorsAt') }),
  buffers: bindings(1, { constants: 'read', stored: 'read', hidden: 'read', vectors: 'write' }),
};
const hiddenBackwardKernel = {
  shader: 'path_backward_hidden',
  variant: {},
  sizes: uniformStruct({ ...shape, ...placed, ...counts('dVectorsAt', 'dHiddenAt') }),
  buffers: bindings(1, {
    constants: 'read',
    stored: 'read',
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
    ...counts('dVectorsAt', 'dHiddenAt', 'dStoredAt'),
  }),
  buffers: bindings(1, {
    constants: 'read',
    stored: 'read',
    hidden: 'read',
    dVectors: 'read',
    dHidden: 'read',
    dStored: 'write',
  }),
};

export const path: OpPlanner<'path'> = (op, planner) => {
  const { stored, hidden, vectors } = op;
  const { fields, baseDim, batchParts, ...sizes } = sizesOf(op, vectors.shape, planner);
  const units = batchParts * sizes.widest;
  const elements = batchParts * baseDim;
  const constants = { THREADS: planner.tuning.threads };
  return [
    dispatch(`path hidden ${vectors.name}`, hiddenKernel, {
      constants,
      sizes: { ...sizes, elements: units, baseDim },
      operands: { constants: 'constants', stored, hidden },
      workgroups: planner.groupsFor(units),
    }),
    dispatch(`path ${vectors.name}`, vectorsKernel, {
      constants,
      sizes: { ...sizes, elements, fields, baseDim, vectorsAt: vectors.offset },
      operands: { constants: 'constants', stored, hidden, vectors },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

export const pathBackward: OpPlanner<'path-backward'> = (op, planner) => {
  const { stored, hidden, dVectors, dHidden, dStored, layout, parts } = op;
  const { batchParts, ...shared } = sizesOf(op, dVectors.shape, planner);
  const sizes = { ...shared, dVectorsAt: dVectors.offset, dHiddenAt: dHidden.offset };
  const slots = Math.max(
    ...parts.map(({ lookup }) => layout.lookups[lookup].slotWidth + layout.lookups[lookup + 1].slotWidth),
  );
  const units = batchParts * sizes.widest;
  const elements = batchParts * slots;
  const constants = { THREADS: planner.tuning.threads };
  return [
    dispatch(`path-backward hidden ${dStored.name}`, hiddenBackwardKernel, {
      constants,
      sizes: { ...sizes, elements: units },
      operands: { constants: 'constants', stored, hidden, dVectors, dHidden },
      workgroups: planner.groupsFor(units),
    }),
    dispatch(`path-backward ${dStored.name}`, backwardKernel, {
      constants,
      sizes: { ...sizes, elements, slots, dStoredAt: dStored.offset },
      operands: { constants: 'constants', stored, hidden, dVectors, dHidden, dStored },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

function sizesOf(
  { layout, parts, stored, hidden }: OpOf<'path'> | OpOf<'path-backward'>,
  [batch, fields, baseDim]: readonly number[],
  planner: Planner,
) {
  const words = parts.flatMap((part) => [part.field, part.lookup, part.hidden]);
  return {
    batchParts: batch * parts.length,
    parts: parts.length,
    width: layout.width,
    fields,
    baseDim,
    widest: hidden.shape[2],
    partsAt: planner.placeWords(words),
    lookupsAt: planner.placeLayout(layout).lookupsAt,
    storedAt: stored.offset,
    hiddenAt: hidden.offset,
  };
}
