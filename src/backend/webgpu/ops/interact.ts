import { bindings, dispatch } from '../kernel.ts';
import type { OpPlanner } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';

const interactKernel = {
  shader: 'interact',
  variant: {},
  sizes: uniformStruct(
    counts('threads', 'tiles', 'vectorsCount', 'baseDim', 'outWidth', 'bottomAt', 'vectorsAt', 'outAt'),
  ),
  buffers: bindings(1, { bottom: 'read', vectors: 'read', out: 'write' }),
};
const interactBackwardKernel = {
  shader: 'interact_backward',
  variant: {},
  sizes: uniformStruct(
    counts(
      'threads',
      'vectorsCount',
      'baseDim',
      'outWidth',
      'bottomAt',
      'vectorsAt',
      'dOutAt',
      'maskAt',
      'dBottomAt',
      'dVectorsAt',
    ),
  ),
  buffers: bindings(1, {
    bottom: 'read',
    vectors: 'read',
    dOut: 'read',
    mask: 'read',
    dVectors: 'write',
    dBottom: 'write',
  }),
};

export const interact: OpPlanner<'interact'> = ({ bottom, vectors, out }, planner) => {
  const [batch, fields, baseDim] = vectors.shape;
  const vectorsCount = fields + (bottom ? 1 : 0);
  const rowTiles = Math.ceil(vectorsCount / 4);
  const tiles = (rowTiles * (rowTiles + 1)) / 2;
  const threads = batch * tiles;
  return [
    dispatch(`interact ${out.name}`, interactKernel, {
      constants: { THREADS: planner.tuning.threads, HAS_BOTTOM: bottom ? 1 : 0 },
      sizes: {
        threads,
        tiles,
        vectorsCount,
        baseDim,
        outWidth: out.shape[1],
        bottomAt: bottom?.offset ?? 0,
        vectorsAt: vectors.offset,
        outAt: out.offset,
      },
      operands: { bottom: bottom ?? vectors, vectors, out },
      workgroups: planner.groupsFor(threads),
    }),
  ];
};

export const interactBackward: OpPlanner<'interact-backward'> = (
  { bottom, vectors, dOut, dBottom, dVectors, mask },
  planner,
) => {
  const [batch, fields, baseDim] = vectors.shape;
  const vectorsCount = fields + (bottom ? 1 : 0);
  const threads = batch * Math.ceil(vectorsCount / 4) * Math.ceil(baseDim / 4);
  return [
    dispatch(`interact-backward ${dVectors.name}`, interactBackwardKernel, {
      constants: {
        THREADS: planner.tuning.threads,
        HAS_BOTTOM: bottom ? 1 : 0,
        HAS_MASK: mask ? 1 : 0,
      },
      sizes: {
        threads,
        vectorsCount,
        baseDim,
        outWidth: dOut.shape[1],
        bottomAt: bottom?.offset ?? 0,
        vectorsAt: vectors.offset,
        dOutAt: dOut.offset,
        maskAt: mask?.offset ?? 0,
        dBottomAt: dBottom?.offset ?? 0,
        dVectorsAt: dVectors.offset,
      },
      operands: {
        bottom: bottom ?? vectors,
        vectors,
        dOut,
        mask: mask ?? vectors,
        dVectors,
        dBottom: dBottom ?? 'scratch',
      },
      workgroups: planner.groupsFor(threads),
    }),
  ];
};
