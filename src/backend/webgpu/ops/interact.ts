import type { OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, dispatch, uniformStruct } from '../kernel.ts';
import { cutProducts, productOf, quadsOf } from './product.ts';

const interactKernel = {
  shader: 'interact',
  sizes: uniformStruct(
    counts('tiles', 'exampleTiles', 'vectorsCount', 'baseDim', 'outWidth', 'bottomAt', 'vectorsAt', 'outAt'),
  ),
  buffers: bindings(1, { bottom: 'read', vectors: 'read', out: 'write' }),
};
const interactBackwardKernel = {
  shader: 'interact_backward',
  sizes: uniformStruct(
    counts(
      'tiles',
      'rowTiles',
      'columnTiles',
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

export const interact: OpLowering<'interact'> = ({ bottom, vectors, out }, builder) => {
  const [batch, fields, baseDim] = vectors.shape;
  const vectorsCount = fields + (bottom ? 1 : 0);
  const quads = quadsOf(vectorsCount);
  const cut = cutProducts(builder.tuning, { left: quads, right: quads, square: true, alike: true });
  const rowTiles = Math.ceil(quads / cut.left);
  const exampleTiles = (rowTiles * (rowTiles + 1)) / 2;
  const tiles = batch * exampleTiles;
  return [
    dispatch(`interact ${out.name}`, productOf(interactKernel, cut), {
      constants: { ...cut.constants, HAS_BOTTOM: bottom ? 1 : 0 },
      sizes: {
        tiles,
        exampleTiles,
        vectorsCount,
        baseDim,
        outWidth: out.shape[1],
        bottomAt: bottom?.offset ?? 0,
        vectorsAt: vectors.offset,
        outAt: out.offset,
      },
      operands: { bottom: bottom ?? vectors, vectors, out },
      workgroups: cut.workgroups(tiles),
    }),
  ];
};

export const interactBackward: OpLowering<'interact-backward'> = (
  { bottom, vectors, dOut, dBottom, dVectors, mask },
  builder,
) => {
  const [batch, fields, baseDim] = vectors.shape;
  const vectorsCount = fields + (bottom ? 1 : 0);
  const shape = { left: quadsOf(vectorsCount), right: quadsOf(baseDim) };
  const cut = cutProducts(builder.tuning, { ...shape, alike: true });
  const rowTiles = Math.ceil(shape.left / cut.left);
  const columnTiles = cut.columnTiles(shape.right);
  const tiles = batch * rowTiles * columnTiles;
  return [
    dispatch(`interact-backward ${dVectors.name}`, productOf(interactBackwardKernel, cut), {
      constants: { ...cut.constants, HAS_BOTTOM: bottom ? 1 : 0, HAS_MASK: mask ? 1 : 0 },
      sizes: {
        tiles,
        rowTiles,
        columnTiles,
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
      workgroups: cut.workgroups(tiles),
    }),
  ];
};
