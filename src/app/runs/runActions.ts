import type { SizeChange } from '../../training/resize/sizeChanges.ts';
import type { EngineReply, Failure } from '../../worker/protocol.ts';
import { createInterruptedRuns } from './interruptedRuns.ts';
import type { RunQueue } from '../compare/runQueue.ts';
import type { AwaitedRuns } from '../compare/awaitedRuns.ts';
import type { SideEngines } from '../compare/sideEngines.ts';
import type { Context } from '../context.ts';
import { addNotice, reportError } from '../shared/notices.ts';
import { decideShownDims } from '../dims/decideShownDims.ts';
import { recordOf } from '../models/compressedRuns.ts';
import type { KeptModels } from '../models/keptModels.ts';
import type { KeptPredictions } from '../inspect/keptPredictions.ts';
import { type CompressionOrder, isQueued, makeRunId, type RequestedRun, trainable } from './requestedRun.ts';
import {
  areSame,
  asTrained,
  type CurrentRun,
  findInFlight,
  isSizeBefore,
  lifeOf,
  reduceRun,
  type RunEvent,
  runThatWouldResize,
} from './runLife.ts';
import {
  experimentOf,
  identityOf,
  isTrained,
  recordOfRun,
  type RunCurves,
  type RunRecord,
} from './runRecord.ts';
import { writeNote } from './runNote.ts';
import { nameRun } from './runWords.ts';
import type { TrainingEvent } from '../../training/events/events.ts';

export interface RunActions {
  /** Trains the current settings now. The run in progress becomes the previous run. */
  start(): void;
  /** Begins with data that were just opened: goes on with a run that a closed tab has left, or trains the current settings. */
  begin(): Promise<void>;
  /**
   * Asks the run in progress to change its size to the current settings and keep what it has learnt; 'undo' asks for
   * the weights before its last change. Returns false where it cannot: then nothing was asked for.
   */
  resize(kind: SizeChange['kind']): boolean;
  playOrPause(): void;
  step(): void;
  stop(): void;
  /** Starts the next queued run if none is in progress and the queue is not held. */
  advance(): void;
  /** Ends the run in progress without a result. */
  cancelCurrent(): void;
  /** Gives up the run in progress and the replaced ones. */
  forget(because: 'data-changed' | 'engine-lost'): void;
  handle(reply: RunReply): void;
}

/** What the engine says of runs. */
export type RunReply = Extract<
  EngineReply,
  {
    type:
      | 'event'
      | 'ended-early'
      | 'compression-ended'
      | 'paused'
      | 'recovering'
      | 'interrupted'
      | 'no-checkpoints'
      | 'failed';
  }
>;

const modelGone: Failure = {
  name: 'ModelStorageError',
  message: 'The model that was to be compressed is no longer kept.',
  remedy: 'Train its run again.',
};

type FinishedEvent = Extract<TrainingEvent, { kind: 'finished' }>;

/** What trains the queue beside the run in progress, and what waits for runs of it. */
export interface QueueRunners {
  readonly sides: SideEngines;
  readonly awaited: AwaitedRuns;
}

/** `restored` resolves when the runs of earlier visits are in the state, or when it is known that they cannot be. */
export function createRunActions(
  context: Context,
  runQueue: RunQueue,
  { models, predictions }: { readonly models: KeptModels; readonly predictions: KeptPredictions },
  { sides, awaited }: QueueRunners,
  restored: Promise<unknown>,
): RunActions {
  const { store, recorder, engine } = context;
  const interruptedRuns = createInterruptedRuns(context, (run) => ask(run));

  /** Applies an event to the state. A queued run that is no longer current leaves the queue or returns to it. */
  function tell(event: RunEvent): void {
    const life = lifeOf(store.getState());
    const next = reduceRun(life, event);
    if (next === life) return;
    store.setState(next);
    const { current } = life;
    if (!current || !isQueued(current) || next.current?.id === current.id) return;
    const { lastEnd } = next;
    if (lastEnd?.how === 'interrupted' && lastEnd.by !== 'the user') runQueue.putBack(current);
    else runQueue.end([current.id]);
  }

  function start(): void {
    const state = store.getState();
    const { dataset, runs, datasetKey, settings: shown } = state;
    if (!dataset) return;
    const { allocationFailure } = decideShownDims({ ...state, current: null });
    if (allocationFailure) return reportError(context, allocationFailure);
    const settings = trainable(shown);
    const lastRun = runs.findLast((run) => run.datasetKey === datasetKey && isTrained(run));
    ask({ id: makeRunId(), name: nameRun(settings), settings, datasetKey, queued: null }, lastRun);
  }

  /** Shows the run that these settings gave before, if there is one: training it again would give the same bits. */
  function showKnown(): boolean {
    const { runs, datasetKey, settings, budget } = store.getState();
    const wanted = experimentOf(datasetKey, { ...trainable(settings), budget });
    const known = runs.findLast((run) => identityOf(run) === wanted);
    if (!known) return false;
    recorder.show(known);
    tell({ type: 'shown', run: known });
    return true;
  }

  async function begin(): Promise<void> {
    const { dataset } = store.getState();
    await Promise.all([restored, interruptedRuns.known()]);
    const { dataset: open, current } = store.getState();
    // Something else was opened, or asked for, meanwhile.
    if (!dataset || current || open !== dataset) return;
    if (!interruptedRuns.takeUp() && !showKnown()) start();
  }

  function ask(run: RequestedRun, lastRun?: RunRecord): void {
    tell({ type: 'asked-for', run, curves: recorder.current(), lastRun });
    recorder.begin(run.id);
    const { id: runId, settings, compression, untilStep } = run;
    const datasetName = store.getState().dataset?.name ?? '';
    const note = isQueued(run) ? '' : writeNote({ ...run, datasetName });
    if (compression) void compress(run, compression);
    else engine.post({ type: 'run', runId, settings, note, untilStep });
  }

  async function compress({ id, settings }: RequestedRun, order: CompressionOrder): Promise<void> {
    const { from, by, budget, fineTuneSteps } = order;
    const file = await models.find(from);
    if (store.getState().current?.id !== id) return; // replaced or cancelled meanwhile
    if (!file) {
      tell({ type: 'failed', runId: id, failure: modelGone });
      reportError(context, modelGone);
      return advance();
    }
    const compression = { by, budgets: [budget], fineTuneSteps };
    engine.post({ type: 'compress', runId: id, file, backend: settings.backend, compression });
  }

  function resize(kind: SizeChange['kind']): boolean {
    const state = store.getState();
    const { budget, allocationFailure } = state;
    const settings = trainable(state.settings);
    const run = runThatWouldResize(state, settings);
    if (!run) return false;
    if (areSame(run.settings, settings)) return state.keepsLearnt;
    const isUndone = kind === 'undo' && isSizeBefore(run, settings);
    // Undo needs no new dims: the engine still has those from before.
    if (allocationFailure && !isUndone) {
      sayRefusal(nameRun(settings), allocationFailure);
      return true;
    }
    const change: SizeChange = isUndone
      ? { kind: 'undo' }
      : { kind: 'resize', budget, alpha: settings.alpha };
    tell({ type: 'size-asked-for', change: { kind: change.kind, name: nameRun(settings), settings } });
    engine.post({ type: 'change-size', runId: run.id, change });
    return true;
  }

  function advance(): void {
    const { current, queueHeld, dataset } = store.getState();
    if (queueHeld || !dataset) return;
    const next = current ? null : runQueue.take();
    if (next) ask(next);
    sides.fill();
  }

  function handleEvent({ runId, event, file }: Extract<RunReply, { type: 'event' }>): void {
    const { current } = store.getState();
    const run = findInFlight(store.getState(), runId);
    if (!run) return; // of a data set that is no longer here
    if (current?.id === runId && event.kind === 'finished') recorder.flush();
    tell({ type: 'engine', runId, event, at: Date.now() });
    if (event.kind === 'compressed' && run.compression)
      list(recordOf(run, run.compression, event.result), file);
    else if (current?.id !== runId) return;
    else if (event.kind === 'finished') finish(current, event, file);
    else recorder.add(event);
    if (current && event.kind === 'resumed') interruptedRuns.sayWhere(current, event);
    if (current && event.kind === 'resize-refused')
      sayRefusal(current.changes[0]?.name ?? current.name, event);
  }

  function finish(current: CurrentRun, event: FinishedEvent, file: Blob | undefined): void {
    const { result } = event;
    keep(asTrained(current), event, recorder.current(), file);
    if (result.reason === 'diverged')
      addNotice(context, {
        kind: 'warning',
        title: `${current.name}: ${result.message ?? 'the loss is no longer a number.'}`,
        remedy: 'Lower the learning rate under All settings, then train again.',
        diagnostics: false,
      });
    advance();
  }

  /** A rung of a search that was left on its way is no result: a search alone waits for it. */
  function keep(run: RequestedRun, event: FinishedEvent, curves: RunCurves, file?: Blob): void {
    const { result, testPredictions } = event;
    awaited.ended(run, { result, curves });
    if (run.untilStep === undefined || result.reason !== 'stopped')
      list(recordOfRun(run, result, curves, Date.now()), file, testPredictions);
  }

  /** Adds a run to the list, in place of the one with its id and of those that it repeats. */
  function list(run: RunRecord, file?: Blob, testPredictions?: Float32Array): void {
    const identity = identityOf(run);
    const isRepeated = (other: RunRecord): boolean =>
      other.id === run.id || (identity !== undefined && identityOf(other) === identity);
    const repeated = store
      .getState()
      .runs.filter(isRepeated)
      .map(({ id }) => id);
    store.setState(({ runs }) => ({ runs: [...runs.filter((other) => !isRepeated(other)), run] }));
    const others = repeated.filter((id) => id !== run.id);
    if (others.length > 0) {
      models.remove(others);
      predictions.remove(others);
      context.runStorage.remove(others).catch((error: unknown) => reportError(context, error));
    }
    context.runStorage
      .put(run)
      .catch((error: unknown) => reportError(context, error))
      .finally(() => engine.post({ type: 'forget-checkpoints', runIds: [run.id] }));
    if (file) models.keep(run.id, file);
    if (testPredictions) predictions.keep(run.id, testPredictions);
  }

  /** The run goes on as it was. */
  function sayRefusal(name: string, { message, remedy }: Pick<Failure, 'message' | 'remedy'>): void {
    addNotice(context, {
      kind: 'warning',
      title: `${name}: ${message}`,
      remedy,
      diagnostics: false,
      actions: [{ label: 'Start a new run', perform: start }],
    });
  }

  sides.onEnd({ finished: keep, failed: (run) => awaited.ended(run) });

  return {
    start,
    begin,
    resize,
    playOrPause() {
      const { current } = store.getState();
      if (!current) start();
      else engine.post({ type: current.isPaused ? 'resume' : 'pause' });
    },
    step() {
      if (!store.getState().current) start();
      engine.post({ type: 'step' });
    },
    stop: () => engine.post({ type: 'stop' }),
    advance,
    cancelCurrent() {
      if (!store.getState().current) return;
      tell({ type: 'cancelled' });
      engine.post({ type: 'cancel' });
    },
    forget(because) {
      sides.close();
      awaited.cancelAll();
      tell({ type: because });
    },
    handle(reply) {
      if (reply.type === 'event') handleEvent(reply);
      else if (reply.type === 'paused') tell({ type: 'paused', isPaused: reply.paused });
      else if (reply.type === 'interrupted') interruptedRuns.hear(reply.runs);
      else if (reply.type === 'no-checkpoints')
        addNotice(context, {
          kind: 'warning',
          title: reply.failure.message,
          remedy: reply.failure.remedy,
          diagnostics: false,
        });
      else if (reply.type === 'recovering') {
        const { current } = store.getState();
        if (current?.id === reply.runId) interruptedRuns.sayWhy(current, reply.failure);
        tell({ type: 'recovering', runId: reply.runId });
      } else if (reply.type === 'failed') {
        const run = reply.runId === null ? undefined : findInFlight(store.getState(), reply.runId);
        if (reply.runId !== null) tell({ type: 'failed', runId: reply.runId, failure: reply.failure });
        if (run) awaited.ended(run);
        reportError(context, reply.failure, true);
        advance();
      } else {
        if (store.getState().current?.id === reply.runId) recorder.flush();
        tell(reply);
        advance();
      }
    },
  };
}
