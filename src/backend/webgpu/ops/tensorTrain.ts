import type { OpOf } from '../../../program/op.ts';
import { bindings, dispatch } from '../kernel.ts';
import type { OpLowering, DispatchBuilder } from '../dispatchBuilder.ts';
import { counts, uniformStruct } from '../uniforms.ts';

const sizes = counts('elements', 'parts', 'width', 'fields', 'baseDim', 'partsAt', 'lookupsAt', 'gatheredAt');
const forwardKernel = {
  shader: 'tensor_train',
  variant: {},
  sizes: uniformStruct({ ...sizes, ...counts('vectorsAt') }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', vectors: 'write' }),
};
const backwardKernel = {
  shader: 'tensor_train_backward',
  variant: {},
  sizes: uniformStruct({ ...sizes, ...counts('widest', 'dVectorsAt', 'dGatheredAt') }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', dVectors: 'read', dGathered: 'write' }),
};

export const tensorTrain: OpLowering<'tensor-train'> = (op, planner) => {
  const { gathered, vectors } = op;
  const [batch, fields, baseDim] = vectors.shape;
  const elements = batch * op.parts.length * baseDim;
  return [
    dispatch(`tensor-train ${vectors.name}`, forwardKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: { ...sizesOf(op, planner), elements, fields, baseDim, vectorsAt: vectors.offset },
      operands: { constants: 'constants', gathered, vectors },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

export const tensorTrainBackward: OpLowering<'tensor-train-backward'> = (op, planner) => {
  const { gathered, dVectors, dGathered, parts, layout } = op;
  const [batch, fields, baseDim] = dVectors.shape;
  const widths = parts.map(({ lookup }) =>
    [0, 1, 2].reduce((sum, core) => sum + layout.lookups[lookup + core].slotWidth, 0),
  );
  const widest = Math.max(...widths);
  const elements = batch * parts.length * widest;
  return [
    dispatch(`tensor-train-backward ${dGathered.name}`, backwardKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        ...sizesOf(op, planner),
        elements,
        fields,
        baseDim,
        widest,
        dVectorsAt: dVectors.offset,
        dGatheredAt: dGathered.offset,
      },
      operands: { constants: 'constants', gathered, dVectors, dGathered },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

function sizesOf(
  { layout, parts, gathered }: OpOf<'tensor-train'> | OpOf<'tensor-train-backward'>,
  planner: DispatchBuilder,
) {
  const words = parts.flatMap(({ field, lookup, rank, factors }) => [field, lookup, rank, ...factors]);
  return {
    parts: parts.length,
    width: layout.width,
    partsAt: planner.placeWords(words),
    lookupsAt: planner.placeLayout(layout).lookupsAt,
    gatheredAt: gathered.offset,
  };
}
