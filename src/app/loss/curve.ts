/** Points of a line that a chart is given at most: see MOST_POINTS. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export const emptyCurve: Curve = { steps: [], values: [] };

/** A chart draws a line of 300 points in the time it has; more would be invisible at its width. */
const MOST_POINTS = 300;

/** Fewer for the loss of single steps: their mean over a bucket is the smoothing. */
const BUCKETS = 150;

/**
 * Mean of a series of per-step losses in at most 150 buckets of equal width. When the buckets are
 * full, pairs merge and the width doubles: memory is bounded whatever the number of steps.
 */
export class BucketedMean {
  readonly #sums: number[] = [];
  readonly #counts: number[] = [];
  #width = 1;

  /** `step` is 1-based; steps arrive in order. A value that is not finite is left out. */
  add(step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    while (this.#bucketOf(step) >= BUCKETS) this.#merge();
    const bucket = this.#bucketOf(step);
    while (this.#sums.length <= bucket) {
      this.#sums.push(0);
      this.#counts.push(0);
    }
    this.#sums[bucket] += value;
    this.#counts[bucket]++;
  }

  #bucketOf(step: number): number {
    return Math.floor((step - 1) / this.#width);
  }

  #merge(): void {
    const { length } = this.#sums;
    for (let i = 0; i < length; i += 2) {
      this.#sums[i / 2] = this.#sums[i] + (this.#sums[i + 1] ?? 0);
      this.#counts[i / 2] = this.#counts[i] + (this.#counts[i + 1] ?? 0);
    }
    this.#sums.length = Math.ceil(length / 2);
    this.#counts.length = this.#sums.length;
    this.#width *= 2;
  }

  /** A point stands at the middle of its bucket. */
  curve(): Curve {
    const steps: number[] = [];
    const values: number[] = [];
    for (let i = 0; i < this.#sums.length; i++) {
      if (this.#counts[i] === 0) continue;
      steps.push(i * this.#width + (this.#width + 1) / 2);
      values.push(this.#sums[i] / this.#counts[i]);
    }
    return { steps, values };
  }
}

/** Adds a point to a sparse curve; every other interior point is dropped when it is full. */
export function appendPoint({ steps, values }: Curve, step: number, value: number): Curve {
  const keep = (_: number, i: number): boolean => steps.length < MOST_POINTS || i % 2 === 0;
  return { steps: [...steps.filter(keep), step], values: [...values.filter(keep), value] };
}

/** Of the point whose step is nearest; undefined beyond the last by more than the points are apart. */
export function valueNear({ steps, values }: Curve, step: number): number | undefined {
  const after = steps.findIndex((own) => own >= step);
  const last = steps.length - 1;
  if (after === -1)
    return step - steps[last] <= steps[last] - (steps[last - 1] ?? 0) ? values[last] : undefined;
  return after > 0 && step - steps[after - 1] < steps[after] - step ? values[after - 1] : values[after];
}
