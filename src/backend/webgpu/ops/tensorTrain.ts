import type { OpOf } from '../../../program/op.ts';
import type { DispatchBuilder, OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, dispatch, uniformStruct } from '../kernel.ts';

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

export const tensorTrain: OpLowering<'tensor-train'> = (op, builder) => {
  const { gathered, vectors } = op;
  const [batch, fields, baseDim] = vectors.shape;
  const elements = batch * op.parts.length * baseDim;
  return [
    dispatch(`tensor-train ${vectors.name}`, forwardKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: { ...sizesOf(op, builder), elements, fields, baseDim, vectorsAt: vectors.offset },
      operands: { constants: 'constants', gathered, vectors },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

export const tensorTrainBackward: OpLowering<'tensor-train-backward'> = (op, builder) => {
  const { gathered, dVectors, dGathered, parts, layout } = op;
  const [batch, fields, baseDim] = dVectors.shape;
  const widths = parts.map(({ lookup }) =>
    [0, 1, 2].reduce((sum, core) => sum + layout.lookups[lookup + core].slotWidth, 0),
  );
  const widest = Math.max(...widths);
  const elements = batch * parts.length * widest;
  return [
    dispatch(`tensor-train-backward ${dGathered.name}`, backwardKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        ...sizesOf(op, builder),
        elements,
        fields,
        baseDim,
        widest,
        dVectorsAt: dVectors.offset,
        dGatheredAt: dGathered.offset,
      },
      operands: { constants: 'constants', gathered, dVectors, dGathered },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

function sizesOf(
  { layout, parts, gathered }: OpOf<'tensor-train'> | OpOf<'tensor-train-backward'>,
  builder: DispatchBuilder,
) {
  const words = parts.flatMap(({ field, lookup, rank, factors }) => [field, lookup, rank, ...factors]);
  return {
    parts: parts.length,
    width: layout.width,
    partsAt: builder.placeWords(words),
    lookupsAt: builder.placeLayout(layout).lookupsAt,
    gatheredAt: gathered.offset,
  };
}
