import type { Predictions } from '../../metrics/predictions.ts';

/** Most labelled lines whose predictions are held to be measured: 128 MiB. An AUC needs all of them at once. */
const MOST_LINES = 2 ** 24;

/** Keeps what was predicted of the first labelled lines. */
export class PredictionLog {
  /** Lines with a label so far, and how many of them are kept. */
  labelled = 0;
  measured = 0;
  #values = new Float32Array(2 ** 12);
  #labels = new Float32Array(2 ** 12);

  /** `labels` may be longer; NaN: the line has none. */
  add(values: Float32Array, labels: Float32Array): void {
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(labels[i])) continue;
      this.labelled++;
      if (this.measured === MOST_LINES) continue;
      if (this.measured === this.#values.length) this.#grow();
      this.#values[this.measured] = values[i];
      this.#labels[this.measured++] = labels[i];
    }
  }

  predictions(): Predictions {
    return {
      values: this.#values.subarray(0, this.measured),
      labels: this.#labels.subarray(0, this.measured),
    };
  }

  #grow(): void {
    this.#values = doubled(this.#values);
    this.#labels = doubled(this.#labels);
  }
}

function doubled(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(2 * values.length);
  larger.set(values);
  return larger;
}
