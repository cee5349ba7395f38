import type { OpOf } from '../../program/op.ts';
import type { BoundOp, Floats, Memory } from './memory.ts';

/** The T = F (+1) vectors of one example, gathered into one array [T, D]. */
function stack(
  into: Float64Array,
  bottom: Floats | undefined,
  vectors: Floats,
  b: number,
  F: number,
  D: number,
) {
  let t = 0;
  if (bottom) for (let j = 0; j < D; j++) into[t++] = bottom[b * D + j];
  const start = b * F * D;
  for (let j = 0; j < F * D; j++) into[t++] = vectors[start + j];
}

export function interact({ bottom, vectors, out }: OpOf<'interact'>, memory: Memory): BoundOp {
  const BOTTOM = bottom && memory.floats(bottom);
  const V = memory.floats(vectors);
  const OUT = memory.floats(out);
  const [B, F, D] = vectors.shape;
  const T = F + (bottom ? 1 : 0);
  const width = out.shape[1];
  const t = new Float64Array(T * D);
  return () => {
    for (let b = 0; b < B; b++) {
      stack(t, BOTTOM, V, b, F, D);
      let o = b * width;
      if (BOTTOM) for (let j = 0; j < D; j++) OUT[o++] = t[j];
      for (let i = 1; i < T; i++) {
        for (let k = 0; k < i; k++) {
          let dot = 0;
          for (let j = 0; j < D; j++) dot += t[i * D + j] * t[k * D + j];
          OUT[o++] = dot;
        }
      }
    }
  };
}

/** dt_i = Σ_{k≠i} dDot_{ik}·t_k, and the bottom also its copy in the output. */
export function interactBackward(op: OpOf<'interact-backward'>, memory: Memory): BoundOp {
  const BOTTOM = op.bottom && memory.floats(op.bottom);
  const V = memory.floats(op.vectors);
  const DOUT = memory.floats(op.dOut);
  const DBOTTOM = op.dBottom && memory.floats(op.dBottom);
  const DV = memory.floats(op.dVectors);
  const M = op.mask && memory.floats(op.mask);
  const [B, F, D] = op.vectors.shape;
  const T = F + (BOTTOM ? 1 : 0);
  const width = op.dOut.shape[1];
  const t = new Float64Array(T * D);
  const dt = new Float64Array(T * D);
  return () => {
    for (let b = 0; b < B; b++) {
      stack(t, BOTTOM, V, b, F, D);
      dt.fill(0);
      let o = b * width;
      if (BOTTOM) for (let j = 0; j < D; j++) dt[j] = DOUT[o++];
      for (let i = 1; i < T; i++) {
        for (let k = 0; k < i; k++) {
          const d = DOUT[o++];
          for (let j = 0; j < D; j++) {
            dt[i * D + j] += d * t[k * D + j];
            dt[k * D + j] += d * t[i * D + j];
          }
        }
      }
      if (DBOTTOM) {
        for (let j = 0; j < D; j++) DBOTTOM[b * D + j] = M && !(M[b * D + j] > 0) ? 0 : dt[j];
      }
      DV.set(BOTTOM ? dt.subarray(D) : dt, b * F * D);
    }
  };
}
