import type { OpOf } from '../../program/op.ts';
import { LEAST_RESIDUAL, LEAST_SIGMA } from '../../program/operand.ts';
import type { BoundOp, Floats, Memory } from './memory.ts';
import { elementwise } from './optimizer.ts';
import { savedReader } from './quantisedActivation.ts';

export function refineBasis(op: OpOf<'refine-basis'>, memory: Memory): BoundOp {
  const { along, keep, gain, measures } = op;
  const BASIS = memory.floats(op.basis);
  const STEP = memory.floats(op.step);
  const SIGMA = memory.floats(op.sigma);
  const sums = op.bias && memory.floats(op.bias.sums);
  const total = op.bias && memory.floats(op.bias.total);
  const rank = SIGMA.length;
  const length = BASIS.length / rank;
  const [next, stride] = along === 'columns' ? [1, rank] : [length, 1];
  const vectors = Array.from({ length: rank }, () => new Float64Array(length));
  return () => {
    const inverse = inverseOf(SIGMA);
    for (let c = 0; c < rank; c++) {
      const v = vectors[c];
      for (let r = 0; r < length; r++) {
        const at = c * next + r * stride;
        v[r] = keep * BASIS[at] + gain * inverse[c] * STEP[at];
      }
      orthonormalize(vectors, c);
    }
    for (let c = 0; c < rank; c++) {
      let moved = 0;
      for (let r = 0; r < length; r++) {
        const at = c * next + r * stride;
        BASIS[at] = vectors[c][r];
        moved += vectors[c][r] * STEP[at];
      }
      if (measures) SIGMA[c] = keep * SIGMA[c] + gain * moved;
    }
    if (sums && total)
      for (let j = 0; j < total.length; j++) total[j] = (op.bias?.adds ? total[j] : 0) + sums[j];
  };
}

/** 1/σ, no larger than LEAST_SIGMA allows. */
function inverseOf(sigma: Floats): Float64Array {
  let largest = 0;
  for (const s of sigma) largest = Math.max(largest, Math.abs(s));
  return Float64Array.from(sigma, (s) =>
    largest < LEAST_SIGMA.absolute
      ? 0
      : (s < 0 ? -1 : 1) / Math.max(Math.abs(s), LEAST_SIGMA.relative * largest),
  );
}

function orthonormalize(vectors: readonly Float64Array[], c: number): void {
  const v = vectors[c];
  const { length } = v;
  const before = Math.sqrt(dot(v, v));
  takeOff(vectors, c);
  let norm = Math.sqrt(dot(v, v));
  if (!(norm > LEAST_RESIDUAL * before)) {
    // Some unit vector keeps 1/√length of itself at least.
    for (let j = 0; j < length; j++) {
      v.fill(0);
      v[(c + j) % length] = 1;
      takeOff(vectors, c);
      norm = Math.sqrt(dot(v, v));
      if (norm * norm > 0.5 / length) break;
    }
  }
  for (let r = 0; r < length; r++) v[r] /= norm;
}

/** v_c less its projections on the vectors before it; twice, after which rounding is all that is left. */
function takeOff(vectors: readonly Float64Array[], c: number): void {
  const v = vectors[c];
  for (let pass = 0; pass < 2; pass++) {
    const dots = vectors.slice(0, c).map((q) => dot(q, v));
    dots.forEach((d, p) => {
      for (let r = 0; r < v.length; r++) v[r] -= d * vectors[p][r];
    });
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Makes one row of the gradient at a time, so that it is nowhere in full. */
export function measureGradient(op: OpOf<'measure-gradient'>, memory: Memory): BoundOp {
  const read = savedReader(op.x, memory);
  const measureRow = rowMeter(op, memory);
  const DY = memory.floats(op.dy);
  const [batch, inputs] = op.x.shape;
  const outputs = op.dy.shape[1];
  const row = new Float64Array(outputs);
  return ({ measures }) => {
    if (!measures) return;
    for (let i = 0; i < inputs; i++) {
      row.fill(0);
      for (let b = 0; b < batch; b++) {
        const x = read(b * inputs + i);
        if (x !== 0) for (let j = 0; j < outputs; j++) row[j] += x * DY[b * outputs + j];
      }
      measureRow(i, row);
    }
  };
}

/** Writes the energies of row i of the gradient; overwrites the row [out]. */
export function rowMeter({ factors, energies }: OpOf<'measure-gradient'>, memory: Memory) {
  const [LEFT, RIGHT, SIGMA, ENERGIES] = [factors.left, factors.right, factors.sigma, energies].map(
    (tensor) => memory.floats(tensor),
  );
  const rank = SIGMA.length;
  return (i: number, row: Float64Array): void => {
    ENERGIES[3 * i] = dot(row, row);
    let spanned = 0;
    for (let c = 0; c < rank; c++) {
      let along = 0;
      for (let j = 0; j < row.length; j++) along += row[j] * RIGHT[c * row.length + j];
      spanned += along * along;
    }
    for (let c = 0; c < rank; c++) {
      const scale = LEFT[i * rank + c] * SIGMA[c];
      for (let j = 0; j < row.length; j++) row[j] -= scale * RIGHT[c * row.length + j];
    }
    ENERGIES[3 * i + 1] = spanned;
    ENERGIES[3 * i + 2] = dot(row, row);
  };
}

/** Makes one row of the gradient at a time. */
export function factoredUpdate(op: OpOf<'factored-update'>, memory: Memory): BoundOp {
  const values = memory.floats(op.parameters);
  const exact = memory.floats(op.gradients);
  const update = elementwise(
    op.optimizer,
    op.state.map((tensor) => memory.floats(tensor)),
  );
  const row = new Float64Array(Math.max(...op.pieces.map(({ columns }) => columns)));
  const pieces = op.pieces.map(({ factors, ...piece }) => {
    if (!factors) return { ...piece, factors: undefined };
    const [left, right, sigma] = [factors.left, factors.right, factors.sigma].map((t) => memory.floats(t));
    return { ...piece, factors: { left, right, sigma } };
  });
  return (step) => {
    for (const { first, rows, columns, exactAt, factors } of pieces) {
      if (!factors) {
        update(step, values, first, exact, exactAt, columns);
        continue;
      }
      const { left, right, sigma } = factors;
      const rank = sigma.length;
      for (let i = 0; i < rows; i++) {
        row.fill(0, 0, columns);
        for (let c = 0; c < rank; c++) {
          const scale = left[i * rank + c] * sigma[c];
          for (let j = 0; j < columns; j++) row[j] += scale * right[c * columns + j];
        }
        update(step, values, first + i * columns, row, 0, columns);
      }
    }
  };
}
