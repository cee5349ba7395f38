import type { EngineChannel, LoaderClient } from '../worker/client.ts';
import type { Context } from './context.ts';
import { addNotice, reportError } from './shared/notices.ts';
import { createDataActions, type DataActions } from './data/dataActions.ts';
import { KeptModels } from './models/keptModels.ts';
import { createInspectActions, type InspectActions } from './inspect/inspectActions.ts';
import { KeptPredictions } from './inspect/keptPredictions.ts';
import { createMemoryActions, type MemoryActions } from './memory/memoryActions.ts';
import { createModelActions, type ModelActions } from './models/modelActions.ts';
import { createQueueActions, type QueueActions } from './compare/queueActions.ts';
import { createRunActions, type RunActions } from './runs/runActions.ts';
import { createRunListActions, type RunListActions } from './runs/runListActions.ts';
import { RunQueue } from './compare/runQueue.ts';
import { AwaitedRuns } from './compare/awaitedRuns.ts';
import { createSearchActions, type SearchActions } from './compare/searchActions.ts';
import { SideEngines, type SideEngineSource } from './compare/sideEngines.ts';
import { createSettingActions, type SettingActions } from './sizes/settingActions.ts';
import { createSpectrumActions, type SpectrumActions } from './spectrum/spectrumActions.ts';
import { createUiActions, type UiActions } from './page/uiActions.ts';
import { followRuns } from './dims/decideShownDims.ts';
import { withoutRepeats } from './runs/runRecord.ts';
import type { AppStore } from './appState.ts';
import { createLiveStore, LiveRecorder, type LiveStore } from './runs/liveRun.ts';
import type { EngineReply, Failure } from '../worker/protocol.ts';
import type { FileStorage } from './storage/fileStorage.ts';
import type { RunStorage } from './storage/runStorage.ts';

/** The page without its view: its state and every action that can change it. */
export interface Dimmer {
  readonly store: AppStore;
  readonly live: LiveStore;
  readonly settings: SettingActions;
  readonly data: DataActions;
  readonly runs: RunActions;
  readonly queue: QueueActions;
  readonly search: SearchActions;
  readonly runList: RunListActions;
  readonly models: ModelActions;
  readonly inspect: InspectActions;
  readonly ui: UiActions;
}

export interface Services {
  readonly store: AppStore;
  readonly engine: EngineChannel;
  readonly loader: LoaderClient;
  readonly runStorage: RunStorage;
  readonly modelStorage: FileStorage;
  readonly predictionStorage: FileStorage;
  /** Left out: one run is trained at a time. */
  readonly sideEngines?: SideEngineSource;
}

export function createDimmer(services: Services): Dimmer {
  const { store, runStorage } = services;
  const live = createLiveStore();
  const context: Context = {
    ...services,
    recorder: new LiveRecorder(live),
    kept: { refresh: () => data.kept.refresh(), reopen: (kept) => void data.reopen(kept) },
  };
  const runQueue = new RunQueue(context);
  const sides = new SideEngines(context, runQueue, services.sideEngines);
  const awaited = new AwaitedRuns();
  const runners = { sides, awaited };
  const models = new KeptModels(context);
  const predictions = new KeptPredictions(context);
  const inspect = createInspectActions(context, predictions);
  const restored = runStorage.all().then(
    (stored) => store.setState((state) => ({ runs: withoutRepeats([...stored, ...state.runs]) })),
    (error: unknown) => reportError(context, error),
  );
  const runs = createRunActions(
    context,
    runQueue,
    { models, predictions },
    runners,
    atMost(STORAGE_WAIT_MS, restored),
  );
  const settings = createSettingActions(context, runs);
  const data = createDataActions(context, runs);
  followRuns(store);
  const search = createSearchActions(context, runs, runQueue, awaited);
  const modelActions = createModelActions(context, runs, runQueue, models);
  listenToEngine(context, {
    runs,
    search,
    models: modelActions,
    sides,
    memory: createMemoryActions(context),
    spectrum: createSpectrumActions(context, models),
    inspect,
  });
  models.restore().catch((error: unknown) => reportError(context, error));
  runQueue.restore().catch((error: unknown) => reportError(context, error));
  return {
    store,
    live,
    settings,
    data,
    runs,
    queue: createQueueActions(context, runs, runQueue, runners),
    search,
    runList: createRunListActions(context, settings, { models, predictions }),
    models: modelActions,
    inspect,
    ui: createUiActions(context),
  };
}

/** A storage that does not answer must not keep the page from training. */
const STORAGE_WAIT_MS = 2000;

function atMost(ms: number, promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, new Promise((resolve) => void setTimeout(resolve, ms))]);
}

interface Listeners {
  readonly runs: RunActions;
  readonly search: SearchActions;
  readonly models: ModelActions;
  readonly sides: SideEngines;
  readonly memory: MemoryActions;
  readonly spectrum: SpectrumActions;
  readonly inspect: InspectActions;
}

/** The only place that receives the engine's replies. */
function listenToEngine(
  context: Context,
  { runs, search, models, sides, memory, spectrum, inspect }: Listeners,
): void {
  const { store, engine } = context;

  function handle(reply: EngineReply): void {
    if (reply.type === 'spectrum') spectrum.handle(reply);
    else if (reply.type === 'lengths') search.hearLengths(reply.lengths);
    else if (reply.type === 'whole-model' || reply.type === 'no-whole-model') models.handle(reply);
    else if (reply.type === 'room') sides.hearRoom(reply.runs);
    else if (reply.type === 'adopted') return; // of engines beside this one
    else if (reply.type === 'inspection') inspect.handle(reply);
    else if (reply.type === 'backend') {
      store.setState({ backend: reply.status });
      if (reply.status.fallback) explainFallback(reply.status.fallback);
    } else if ('request' in reply) memory.handle(reply);
    else runs.handle(reply);
  }

  function explainFallback({ message, remedy }: Failure): void {
    const title = `Training on the CPU. ${message}`;
    if (store.getState().seenFallback === title) return;
    addNotice(context, { kind: 'warning', title, remedy, diagnostics: true });
  }

  engine.listen(handle, (failure) => {
    runs.forget('engine-lost');
    memory.forget();
    store.setState({ queueHeld: true });
    reportError(context, failure, true);
  });
}
