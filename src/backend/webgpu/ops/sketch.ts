import { signKey } from '../../../analysis/countSketch.ts';
import { bitsFor } from '../../../random/permutation.ts';
import { bindings, dispatch } from '../kernel.ts';
import type { OpPlanner } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';

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
const normsKernel = {
  shader: 'row_norms',
  variant: {},
  sizes: uniformStruct(counts('rows', 'columns', 'width', 'tableAt', 'factorsAt', 'changeAt', 'normsAt')),
  buffers: bindings(1, { values: 'read', factors: 'read', change: 'read', norms: 'write' }),
};

export const countSketch: OpPlanner<'count-sketch'> = ({ table, seed, sketch, weighted }, planner) => {
  const [rows, columns] = table.shape;
  const [sketchRows] = sketch.shape;
  const quads = Math.ceil(columns / 4);
  const bits = bitsFor(rows);
  return [
    dispatch(`count-sketch ${table.name}`, sketchKernel, {
      constants: { THREADS: planner.tuning.threads, WEIGHS: weighted ? 1 : 0 },
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
      workgroups: planner.groupsFor(sketchRows * quads),
    }),
  ];
};

export const rowNorms: OpPlanner<'row-norms'> = ({ table, factors, change, norms }, planner) => {
  const [rows, columns] = table.shape;
  return [
    dispatch(`row-norms ${table.name}`, normsKernel, {
      constants: { THREADS: planner.tuning.threads, WEIGHS: factors ? 1 : 0 },
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
      workgroups: planner.groupsFor(rows),
    }),
  ];
};
