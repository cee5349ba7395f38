import type { Context } from '../context.ts';
import { reportError } from '../shared/notices.ts';

/** Keeps the test predictions of finished runs, as float32, as long as there is room. Errors are shown, not thrown. */
export class KeptPredictions {
  readonly #context: Pick<Context, 'store' | 'predictionStorage'>;

  constructor(context: Pick<Context, 'store' | 'predictionStorage'>) {
    this.#context = context;
  }

  keep(id: string, predictions: Float32Array): void {
    this.#put(id, new Blob([predictions as Float32Array<ArrayBuffer>]));
  }

  /** [examples]; undefined: they are no longer kept, or never were. */
  find(id: string): Promise<Float32Array | undefined> {
    return this.#attempt(async ({ predictionStorage }) => {
      const file = await predictionStorage.find(id);
      return file && file.size % 4 === 0 ? new Float32Array(await file.arrayBuffer()) : undefined;
    });
  }

  /** Deletes those of runs. The function it returns restores them. */
  remove(ids: readonly string[]): () => void {
    const taken = this.#attempt(({ predictionStorage }) => predictionStorage.take(ids));
    return () => void taken.then((files) => files?.forEach((file, id) => this.#put(id, file)));
  }

  #put(id: string, file: Blob): void {
    void this.#attempt(({ predictionStorage }) => predictionStorage.put(id, file));
  }

  async #attempt<T>(
    work: (context: Pick<Context, 'store' | 'predictionStorage'>) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work(this.#context);
    } catch (error) {
      reportError(this.#context, error);
      return undefined;
    }
  }
}
