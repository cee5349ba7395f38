import type { DatasetStorage } from '../../data/stored/storage.ts';
import type { Context } from '../context.ts';
import { reportError } from '../shared/notices.ts';
import type { KeptDataset } from './state.ts';

export interface KeptActions {
  /** Brings the list up to date: another tab may have kept or removed something. */
  refresh(): Promise<void>;
  /** Deletes a data set from this browser; the file that it was read from stays. */
  remove(kept: KeptDataset): Promise<void>;
  /** Asks the browser not to clear what is kept when disk gets scarce. */
  protect(): Promise<void>;
}

/** The list of data sets that are kept in this browser. What opens them is loaded when it is asked for. */
export function createKeptActions(context: Context): KeptActions {
  const { store } = context;

  async function refresh(): Promise<void> {
    try {
      const { listKept } = await import('./keptFiles.ts');
      store.setState({ keptData: await withStorage(listKept) });
    } catch {
      store.setState({ keptData: [] }); // private windows of some browsers store nothing
    }
  }

  return {
    refresh,
    async remove({ file }) {
      try {
        await withStorage((storage) => storage.remove(file));
      } catch (error) {
        reportError(context, error);
      }
      await refresh();
    },
    async protect() {
      await globalThis.navigator?.storage?.persist?.().catch(() => false);
    },
  };
}

async function withStorage<T>(work: (storage: DatasetStorage) => Promise<T>): Promise<T> {
  const { OpfsStorage } = await import('../../data/stored/opfsStorage.ts');
  return work(new OpfsStorage());
}
