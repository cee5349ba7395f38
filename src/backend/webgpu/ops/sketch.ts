import { signKey, srhtBlockBits, srhtKeys } from '../../../analysis/sketch.ts';
import type { Tensor } from '../../../program/tensor.ts';
import { bitsFor } from '../../../random/permutation.ts';
import { type OpLowering, partsFor } from '../dispatchBuilder.ts';
import { bindings, counts, type Dispatch, dispatch, uniformStruct } from '../kernel.ts';
import { sumParts } from './linear.ts';

const sketchKernel = {
  shader: 'count_sketch',
  variant: {},
  sizes: uniformStruct(
    counts(
      ...(['rows', 'columns', 'quads', 'sketchRows', 'places', 'bits'] as const),
      ...(['seed', 'signKey', 'tableAt', 'sketchAt', 'factorsAt', 'weightedAt'] as const),
    ),
  ),
  buffers: bindings(1, { values: 'read', factors: 'read', sketch: 'write', weighted: 'write' }),
};
const srhtKernel = {
  shader: 'srht',
  variant: {},
  sizes: uniformStruct(
    counts(
      ...(['rows', 'columns', 'quads', 'sketchRows', 'blocks', 'bits', 'kinds', 'parts'] as const),
      ...(['seed', 'rowKey', 'sampleKey', 'tableAt', 'factorsAt'] as const),
    ),
  ),
  buffers: bindings(1, { values: 'read', factors: 'read', sums: 'write' }),
};
const normsKernel = {
  shader: 'row_norms',
  variant: {},
  sizes: uniformStruct(counts('rows', 'columns', 'width', 'tableAt', 'factorsAt', 'changeAt', 'normsAt')),
  buffers: bindings(1, { values: 'read', factors: 'read', change: 'read', norms: 'write' }),
};

export const countSketch: OpLowering<'count-sketch'> = ({ table, seed, sketch, weighted }, builder) => {
  const [rows, columns] = table.shape;
  const [sketchRows] = sketch.shape;
  const quads = Math.ceil(columns / 4);
  const bits = bitsFor(rows);
  return [
    dispatch(`count-sketch ${table.name}`, sketchKernel, {
      constants: { THREADS: builder.tuning.threads, WEIGHS: weighted ? 1 : 0 },
      sizes: {
        rows,
        columns,
        quads,
        sketchRows,
        places: 2 ** bits,
        bits,
        seed,
        signKey: signKey(seed),
        tableAt: table.offset,
        sketchAt: sketch.offset,
        factorsAt: weighted?.factors.offset ?? 0,
        weightedAt: weighted?.sketch.offset ?? 0,
      },
      operands: {
        values: table,
        factors: weighted?.factors ?? 'constants',
        sketch,
        weighted: weighted?.sketch ?? 'scratch',
      },
      workgroups: builder.groupsFor(sketchRows * quads),
    }),
  ];
};

/** Threads of a workgroup of shaders/srht.wgsl. */
const SRHT_THREADS = 256;

export const srht: OpLowering<'srht'> = ({ table, seed, sketch, weighted }, builder) => {
  const [rows, columns] = table.shape;
  const [sketchRows] = sketch.shape;
  const quads = Math.ceil(columns / 4);
  const bits = srhtBlockBits(rows);
  const blocks = Math.ceil(rows / 2 ** bits);
  const kinds = weighted ? 2 : 1;
  const elements = sketchRows * columns;
  const threads = quads * kinds * SRHT_THREADS;
  const parts = Math.min(blocks, partsFor(builder.tuning, threads, rows, kinds * elements));
  builder.reserveScratch(parts * kinds * elements);
  const keys = srhtKeys(seed);
  const label = `srht ${table.name}`;
  const stride = kinds * elements;
  const sum = (kind: number, out: Tensor): Dispatch =>
    sumParts(builder, `${label} sum`, out, {
      elements,
      parts,
      stride,
      first: kind * elements,
      outAt: out.offset,
    });
  return [
    dispatch(label, srhtKernel, {
      constants: {},
      sizes: {
        rows,
        columns,
        quads,
        sketchRows,
        blocks,
        bits,
        kinds,
        parts,
        seed,
        rowKey: keys.row,
        sampleKey: keys.sample,
        tableAt: table.offset,
        factorsAt: weighted?.factors.offset ?? 0,
      },
      operands: { values: table, factors: weighted?.factors ?? 'constants', sums: 'scratch' },
      workgroups: quads * kinds * parts,
    }),
    sum(0, sketch),
    ...(weighted ? [sum(1, weighted.sketch)] : []),
  ];
};

export const rowNorms: OpLowering<'row-norms'> = ({ table, factors, change, norms }, builder) => {
  const [rows, columns] = table.shape;
  return [
    dispatch(`row-norms ${table.name}`, normsKernel, {
      constants: { THREADS: builder.tuning.threads, WEIGHS: factors ? 1 : 0 },
      sizes: {
        rows,
        columns,
        width: change.shape[1],
        tableAt: table.offset,
        factorsAt: factors?.offset ?? 0,
        changeAt: change.offset,
        normsAt: norms.offset,
      },
      operands: { values: table, factors: factors ?? 'constants', change, norms },
      workgroups: builder.groupsFor(rows),
    }),
  ];
};
