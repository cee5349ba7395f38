/** The training losses of a run, in the order of steps. */
export class LossHistory {
  #values = new Float32Array(1024);
  #length = 0;

  add(losses: Float32Array): void {
    const length = this.#length + losses.length;
    if (length > this.#values.length) {
      const grown = new Float32Array(2 ** Math.ceil(Math.log2(length)));
      grown.set(this.#values.subarray(0, this.#length));
      this.#values = grown;
    }
    this.#values.set(losses, this.#length);
    this.#length = length;
  }

  copy(): Float32Array {
    return this.#values.slice(0, this.#length);
  }
}
