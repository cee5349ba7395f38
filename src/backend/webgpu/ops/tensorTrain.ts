import type { OpOf } from '../../../program/op.ts';
import { bindings, dispatch } from '../kernel.ts';
import type { OpPlanner, Planner } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';

const sizes = counts('elements', 'parts', 'width', 'fields', 'baseDim', 'partsAt', 'lookupsAt', 'storedAt');
const forwardKernel = {
  shader: 'tensor_train',
  variant: {},
  sizes: uniformStruct({ ...sizes, ...counts('vectorsAt') }),
  buffers: bindings(1, { constants: 'read', stored: 'read', vectors: 'write' }),
};
const backwardKernel = {
  shader: 'tensor_train_backward',
  variant: {},
  sizes: uniformStruct({ ...sizes, ...counts('widest', 'dVectorsAt', 'dStoredAt') }),
  buffers: bindings(1, { constants: 'read', stored: 'read', dVectors: 'read', dStored: 'write' }),
};

export const tensorTrain: OpPlanner<'tensor-train'> = (op, planner) => {
  const { stored, vectors } = op;
  const [batch, fields, baseDim] = vectors.shape;
  const elements = batch * op.parts.length * baseDim;
  return [
    dispatch(`tensor-train ${vectors.name}`, forwardKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: { ...sizesOf(op, planner), elements, fields, baseDim, vectorsAt: vectors.offset },
      operands: { constants: 'constants', stored, vectors },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

export const tensorTrainBackward: OpPlanner<'tensor-train-backward'> = (op, planner) => {
  const { stored, dVectors, dStored, parts, layout } = op;
  const [batch, fields, baseDim] = dVectors.shape;
  const widths = parts.map(({ lookup }) =>
    [0, 1, 2].reduce((sum, core) => sum + layout.lookups[lookup + core].slotWidth, 0),
  );
  const widest = Math.max(...widths);
  const elements = batch * parts.length * widest;
  return [
    dispatch(`tensor-train-backward ${dStored.name}`, backwardKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        ...sizesOf(op, planner),
        elements,
        fields,
        baseDim,
        widest,
        dVectorsAt: dVectors.offset,
        dStoredAt: dStored.offset,
      },
      operands: { constants: 'constants', stored, dVectors, dStored },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

function sizesOf(
  { layout, parts, stored }: OpOf<'tensor-train'> | OpOf<'tensor-train-backward'>,
  planner: Planner,
) {
  const words = parts.flatMap(({ field, lookup, rank, factors }) => [field, lookup, rank, ...factors]);
  return {
    parts: parts.length,
    width: layout.width,
    partsAt: planner.placeWords(words),
    lookupsAt: planner.placeLayout(layout).lookupsAt,
    storedAt: stored.offset,
  };
}
