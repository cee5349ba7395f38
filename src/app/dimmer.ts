import type { EngineChannel, LoaderClient } from '../worker/client.ts';
import { type Context, reportError } from './context.ts';
import { createDataActions, type DataActions } from './data/dataActions.ts';
import { listenToEngine } from './engineReplies.ts';
import { KeptModels } from './models/keptModels.ts';
import { createMemoryActions } from './memory/memoryActions.ts';
import { createModelActions, type ModelActions } from './models/modelActions.ts';
import { createQueueActions, type QueueActions } from './compare/queueActions.ts';
import { createRunActions, type RunActions } from './runs/runActions.ts';
import { createRunListActions, type RunListActions } from './runs/runListActions.ts';
import { RunQueue } from './compare/runQueue.ts';
import { createSettingActions, type SettingActions } from './sizes/settingActions.ts';
import { createSpectrumActions } from './spectrum/spectrumActions.ts';
import { createUiActions, type UiActions } from './page/uiActions.ts';
import type { ModelStorage } from './models/modelStorage.ts';
import type { RunStorage } from './runs/runStorage.ts';
import type { AppStore } from './appState.ts';
import { createLiveStore, LiveRecorder, type LiveStore } from './runs/liveRun.ts';

/** The whole page without its pixels: its state, and everything that can change it. */
export interface Dimmer {
  readonly store: AppStore;
  readonly live: LiveStore;
  readonly settings: SettingActions;
  readonly data: DataActions;
  readonly runs: RunActions;
  readonly queue: QueueActions;
  readonly runList: RunListActions;
  readonly models: ModelActions;
  readonly ui: UiActions;
}

export interface Services {
  readonly store: AppStore;
  readonly engine: EngineChannel;
  readonly loader: LoaderClient;
  readonly runStorage: RunStorage;
  readonly modelStorage: ModelStorage;
}

export function createDimmer(services: Services): Dimmer {
  const { store, runStorage } = services;
  const live = createLiveStore();
  const context: Context = { ...services, recorder: new LiveRecorder(live) };
  const runQueue = new RunQueue(context);
  const models = new KeptModels(context);
  const runs = createRunActions(context, runQueue, models);
  const settings = createSettingActions(context, runs);
  listenToEngine(context, runs, createMemoryActions(context), createSpectrumActions(context, models));
  runStorage.all().then(
    (stored) => store.setState((state) => ({ runs: [...stored, ...state.runs] })),
    (error: unknown) => reportError(context, error),
  );
  models.restore().catch((error: unknown) => reportError(context, error));
  runQueue.restore().catch((error: unknown) => reportError(context, error));
  return {
    store,
    live,
    settings,
    data: createDataActions(context, runs),
    runs,
    queue: createQueueActions(context, runs, runQueue),
    runList: createRunListActions(context, settings, models),
    models: createModelActions(context, runs, runQueue, models),
    ui: createUiActions(context),
  };
}
