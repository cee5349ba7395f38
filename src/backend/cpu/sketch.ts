import { fillRowNorms } from '../../analysis/rowNorms.ts';
import { fillSketch } from '../../analysis/sketch.ts';
import type { OpOf } from '../../program/op.ts';
import type { BoundOp, Memory } from './memory.ts';

export function tableSketch(
  { kind, table, seed, sketch, weighted }: OpOf<'count-sketch' | 'srht'>,
  memory: Memory,
): BoundOp {
  const fill = fillSketch[kind];
  const values = memory.floats(table);
  const [rows] = table.shape;
  const [sketchRows] = sketch.shape;
  const out = memory.floats(sketch);
  if (!weighted) return () => fill(values, rows, undefined, seed, sketchRows, out);
  const factors = memory.floats(weighted.factors);
  const weightedOut = memory.floats(weighted.sketch);
  return () => {
    fill(values, rows, undefined, seed, sketchRows, out);
    fill(values, rows, factors, seed, sketchRows, weightedOut);
  };
}

export function rowNorms(op: OpOf<'row-norms'>, memory: Memory): BoundOp {
  const [rows, columns] = op.table.shape;
  const values = memory.floats(op.table);
  const factors = op.factors && memory.floats(op.factors);
  const change = { rows: columns, columns: op.change.shape[1], values: memory.floats(op.change) };
  const norms = memory.floats(op.norms);
  return () => fillRowNorms({ rows, columns, values }, change, factors, norms);
}
