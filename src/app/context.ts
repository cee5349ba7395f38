import type { EngineChannel, LoaderClient } from '../worker/client.ts';
import type { FileStorage } from './storage/fileStorage.ts';
import type { RunStorage } from './storage/runStorage.ts';
import type { AppStore } from './appState.ts';
import type { LiveRecorder } from './runs/liveRun.ts';

/** What actions work with. Made once, in createDimmer. */
export interface Context {
  readonly store: AppStore;
  readonly recorder: LiveRecorder;
  readonly engine: EngineChannel;
  readonly loader: LoaderClient;
  readonly runStorage: RunStorage;
  readonly modelStorage: FileStorage;
  /** Of the test examples of runs, as float32. */
  readonly predictionStorage: FileStorage;
  /** The data sets that are kept in this browser. */
  readonly kept: {
    refresh(): Promise<void>;
    reopen(kept: { readonly file: string; readonly name: string }): void;
  };
}
