import { rowMeter } from '../gradient.ts';
import { savedReader } from '../quantisedActivation.ts';
import { BLOCK } from './linear.ts';
import { panelBytes, type SimdOp, tiles } from './simdOp.ts';

/** Rows of the gradient that are there at once. */
const ROWS = 16;

/** The weight gradient's own product, of a few columns of x at a time. */
export const measureGradient: SimdOp<'measure-gradient'> = {
  scratch({ x, dy }) {
    const [batch] = x.shape;
    const outputs = dy.shape[1];
    const ofProduct = [panelBytes(BLOCK), panelBytes(BLOCK) * tiles(ROWS)];
    return [4 * batch * ROWS, 4 * ROWS * outputs, 4 * outputs, ...ofProduct];
  },
  make(op, { kernels, address, memory, linear }, [columnsAt, rowsAt, sumsAt, panel, packed]) {
    const read = savedReader(op.x, memory);
    const measureRow = rowMeter(op, memory);
    const DY = address(op.dy);
    const [batch, inputs] = op.x.shape;
    const outputs = op.dy.shape[1];
    const columns = new Float32Array(linear.memory.buffer, columnsAt, batch * ROWS);
    const rows = new Float32Array(linear.memory.buffer, rowsAt, ROWS * outputs);
    return ({ measures }) => {
      if (!measures) return;
      for (let first = 0; first < inputs; first += ROWS) {
        const own = Math.min(ROWS, inputs - first);
        for (let b = 0; b < batch; b++)
          for (let c = 0; c < own; c++) columns[b * own + c] = read(b * inputs + first + c);
        kernels.linearBackwardWeight(columnsAt, 0, 0, DY, rowsAt, sumsAt, batch, own, outputs, panel, packed);
        for (let c = 0; c < own; c++)
          measureRow(first + c, Float64Array.from(rows.subarray(c * outputs, (c + 1) * outputs)));
      }
    };
  },
};
