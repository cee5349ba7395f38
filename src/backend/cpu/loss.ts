import type { OpOf } from '../../program/op.ts';
import type { BoundOp, Memory } from './memory.ts';

function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** Log loss of a logit, stable for any z: max(z, 0) − z·y + log(1 + e^−|z|). */
function logLoss(z: number, y: number): number {
  return Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
}

export function score({ dots, biases, mean, out }: OpOf<'score'>, memory: Memory): BoundOp {
  const DOTS = memory.floats(dots);
  const BIASES = memory.floats(biases);
  const OUT = memory.floats(out);
  const [B, P] = dots.shape;
  const F = biases.shape[1];
  return () => {
    for (let b = 0; b < B; b++) {
      let sum = mean;
      for (let p = 0; p < P; p++) sum += DOTS[b * P + p];
      for (let f = 0; f < F; f++) sum += BIASES[b * F + f];
      OUT[b] = sum;
    }
  };
}

export function scoreBackward({ dScore, dDots, dBiases }: OpOf<'score-backward'>, memory: Memory): BoundOp {
  const D = memory.floats(dScore);
  const DDOTS = memory.floats(dDots);
  const DBIASES = memory.floats(dBiases);
  const [B, P] = dDots.shape;
  const F = dBiases.shape[1];
  return () => {
    for (let b = 0; b < B; b++) {
      DDOTS.fill(D[b], b * P, (b + 1) * P);
      DBIASES.fill(D[b], b * F, (b + 1) * F);
    }
  };
}

export function rescale({ x, factor, offset, out }: OpOf<'rescale'>, memory: Memory): BoundOp {
  const X = memory.floats(x);
  const OUT = memory.floats(out);
  return () => {
    for (let i = 0; i < OUT.length; i++) OUT[i] = offset + factor * X[i];
  };
}

export function loss(op: OpOf<'loss'>, memory: Memory): BoundOp {
  const labels = memory.floats(op.data.labels);
  const Z = memory.floats(op.prediction);
  const DZ = memory.floats(op.dPrediction);
  const L = memory.floats(op.exampleLoss);
  const B = op.exampleLoss.shape[0];
  const click = op.loss === 'log-loss';
  return ({ slot, count }) => {
    for (let b = 0; b < count; b++) {
      const z = Z[b];
      const y = labels[slot * B + b];
      L[b] = click ? logLoss(z, y) : (z - y) ** 2;
      DZ[b] = (click ? sigmoid(z) - y : 2 * (z - y)) / count;
    }
    L.fill(0, count);
    DZ.fill(0, count);
  };
}

export function pairwiseLoss(
  { negatives, prediction, dPrediction, exampleLoss }: OpOf<'pairwise-loss'>,
  memory: Memory,
): BoundOp {
  const S = memory.floats(prediction);
  const DS = memory.floats(dPrediction);
  const L = memory.floats(exampleLoss);
  const group = 1 + negatives;
  return ({ count }) => {
    const whole = count - (count % group);
    const pairs = (whole / group) * negatives;
    for (let positive = 0; positive < whole; positive += group) {
      L[positive] = 0;
      let pull = 0;
      for (let b = positive + 1; b < positive + group; b++) {
        const z = S[b] - S[positive];
        L[b] = (group / negatives) * logLoss(z, 0);
        DS[b] = sigmoid(z) / pairs;
        pull += sigmoid(z);
      }
      DS[positive] = -pull / pairs;
    }
    L.fill(0, whole);
    DS.fill(0, whole);
  };
}

export function l2Penalty({ vectors, dVectors, weight }: OpOf<'l2-penalty'>, memory: Memory): BoundOp {
  const V = memory.floats(vectors);
  const DV = memory.floats(dVectors);
  const [, F, D] = vectors.shape;
  return ({ count }) => {
    const scale = (2 * weight) / count;
    for (let i = 0; i < count * F * D; i++) DV[i] += scale * V[i];
  };
}

export function recordLoss({ exampleLoss, losses }: OpOf<'record-loss'>, memory: Memory): BoundOp {
  const L = memory.floats(exampleLoss);
  const HISTORY = memory.floats(losses);
  return ({ count, metricSlot }) => {
    let sum = 0;
    for (let b = 0; b < count; b++) sum += L[b];
    HISTORY[metricSlot] = sum / count;
  };
}

export function recordPredictions(
  { prediction, predictions }: OpOf<'record-predictions'>,
  memory: Memory,
): BoundOp {
  const P = memory.floats(prediction);
  const PREDICTIONS = memory.floats(predictions);
  const B = predictions.shape[1];
  return ({ metricSlot }) => PREDICTIONS.set(P, metricSlot * B);
}
