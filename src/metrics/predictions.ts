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

/** A number of every example: `of` its prediction and its label. [examples] */
export function mapExamples(
  { values, labels }: Predictions,
  of: (value: number, label: number) => number,
): Float64Array {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = of(values[i], labels[i]);
  return numbers;
}

/** The log loss of every example. [examples] */
export function logLosses(predictions: Predictions): Float64Array {
  return mapExamples(predictions, (value, label) => softplus(label === 1 ? -value : value));
}

/** The squared error of every example. [examples] */
export function squaredErrors(predictions: Predictions): Float64Array {
  return mapExamples(predictions, (value, label) => (value - label) ** 2);
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
