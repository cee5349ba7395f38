import type { Context } from '../context.ts';
import { reportError } from '../shared/notices.ts';

/** Keeps the stored models of finished runs and their ids in the state in step. Errors are shown, not thrown. */
export class KeptModels {
  readonly #context: Pick<Context, 'store' | 'modelStorage'>;

  constructor(context: Pick<Context, 'store' | 'modelStorage'>) {
    this.#context = context;
  }

  async restore(): Promise<void> {
    const stored = await this.#context.modelStorage.ids();
    this.#context.store.setState(({ models }) => ({ models: [...new Set([...stored, ...models])] }));
  }

  keep(id: string, file: Blob): void {
    void this.#attempt(async ({ store, modelStorage }) => {
      const forgotten = await modelStorage.put(id, file);
      store.setState(({ models }) => ({
        models: [...models.filter((own) => own !== id), id].filter((own) => !forgotten.includes(own)),
      }));
    });
  }

  find(id: string): Promise<Blob | undefined> {
    return this.#attempt(({ modelStorage }) => modelStorage.find(id));
  }

  /** Deletes models. The function it returns restores them. */
  remove(ids: readonly string[]): () => void {
    this.#context.store.setState(({ models }) => ({ models: models.filter((id) => !ids.includes(id)) }));
    const taken = this.#attempt(({ modelStorage }) => modelStorage.take(ids));
    return () => void taken.then((files) => files?.forEach((file, id) => this.keep(id, file)));
  }

  async #attempt<T>(
    work: (context: Pick<Context, 'store' | 'modelStorage'>) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work(this.#context);
    } catch (error) {
      reportError(this.#context, error);
      return undefined;
    }
  }
}
