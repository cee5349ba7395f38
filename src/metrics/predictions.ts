/** What a model says of examples, and what is true of them. */
export interface Predictions {
  /** Logits of clicks, or ratings. [examples] */
  readonly values: Float32Array;
  /** 0 or 1 of clicks, or ratings. [examples] */
  readonly labels: Float32Array;
}

/** log(1 + e^z), stable for any z: the log loss of a logit z where the label is 0, and of −z where it is 1. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** The probability of a logit. */
export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** The log loss of every example. [examples] */
export function logLosses({ values, labels }: Predictions): Float64Array {
  return Float64Array.from(labels, (label, i) => softplus(label === 1 ? -values[i] : values[i]));
}

/** The squared error of every example. [examples] */
export function squaredErrors({ values, labels }: Predictions): Float64Array {
  return Float64Array.from(labels, (label, i) => (values[i] - label) ** 2);
}

/** Those of some examples, in that order; an example may occur more than once. */
export function takeExamples({ values, labels }: Predictions, examples: Uint32Array): Predictions {
  const taken = { values: new Float32Array(examples.length), labels: new Float32Array(examples.length) };
  for (let i = 0; i < examples.length; i++) {
    taken.values[i] = values[examples[i]];
    taken.labels[i] = labels[examples[i]];
  }
  return taken;
}
