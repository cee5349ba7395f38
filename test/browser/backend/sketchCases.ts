import type { SketchOp } from '../../../src/program/op.ts';
import type { OpBench } from './support.ts';
import type { MakeOp } from './vectorCases.ts';

/** Tables of one row to a few hundred, and of columns that are no multiple of 4. */
const shapes = (t: OpBench) => [7 * t.batch, 1 + (t.batch % 19)] as const;

const tableSketch =
  (kind: 'count-sketch' | 'srht', isWeighed: boolean): MakeOp =>
  (t) => {
    const [rows, columns] = shapes(t);
    const sketchRows = Math.ceil(rows / 3);
    return {
      kind,
      table: t.randomView('table', 5, rows, columns),
      seed: t.batch,
      sketch: t.zeros('sketch', sketchRows, columns),
      weighted: isWeighed
        ? {
            factors: t.randomView('factors', 3, rows),
            sketch: t.zeros('weighted', sketchRows, columns),
          }
        : undefined,
    };
  };

const rowNorms =
  (isWeighed: boolean): MakeOp =>
  (t) => {
    const [rows, columns] = shapes(t);
    return {
      kind: 'row-norms',
      table: t.randomView('table', 5, rows, columns),
      factors: isWeighed ? t.randomView('factors', 3, rows) : undefined,
      change: t.randomView('change', 2, columns, columns),
      norms: t.zeros('norms', rows),
    };
  };

export const sketchCases: Readonly<Record<SketchOp['kind'], readonly MakeOp[]>> = {
  'count-sketch': [tableSketch('count-sketch', false), tableSketch('count-sketch', true)],
  srht: [tableSketch('srht', false), tableSketch('srht', true)],
  'row-norms': [rowNorms(false), rowNorms(true)],
};
