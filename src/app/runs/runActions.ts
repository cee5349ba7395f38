import type { SizeChange } from '../../training/resize/sizeChanges.ts';
import type { EngineReply, Failure } from '../../worker/protocol.ts';
import type { RunQueue } from '../compare/runQueue.ts';
import type { Context } from '../context.ts';
import { addNotice, reportError } from '../shared/notices.ts';
import { decideShownDims } from '../dims/decideShownDims.ts';
import { recordOf } from '../models/compressedRuns.ts';
import type { KeptModels } from '../models/keptModels.ts';
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
import { isTrained, recordOfRun, type RunRecord } from './runRecord.ts';
import { nameRun } from './runWords.ts';
import type { RunResult } from '../../training/events/events.ts';

export interface RunActions {
  /** Trains the current settings now. The run in progress becomes the previous run. */
  start(): void;
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
export type RunReply = Extract<EngineReply, { type: 'event' | 'compression-ended' | 'paused' | 'failed' }>;

const modelGone: Failure = {
  name: 'ModelStorageError',
  message: 'The model that was to be compressed is no longer kept.',
  remedy: 'Train its run again.',
};

export function createRunActions(context: Context, runQueue: RunQueue, models: KeptModels): RunActions {
  const { store, recorder, engine } = context;

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
    begin({ id: makeRunId(), name: nameRun(settings), settings, datasetKey, queued: null }, lastRun);
  }

  function begin(run: RequestedRun, lastRun?: RunRecord): void {
    tell({ type: 'asked-for', run, curves: recorder.current(), lastRun });
    recorder.begin(run.id);
    const { id: runId, settings, compression } = run;
    if (compression) void compress(run, compression);
    else engine.post({ type: 'run', runId, settings });
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
    if (current || queueHeld || !dataset) return;
    const next = runQueue.take();
    if (next) begin(next);
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
    else if (event.kind === 'finished') finish(current, event.result, file);
    else recorder.add(event);
    if (current && event.kind === 'resize-refused')
      sayRefusal(current.changes[0]?.name ?? current.name, event);
  }

  function finish(current: CurrentRun, result: RunResult, file: Blob | undefined): void {
    list(recordOfRun(asTrained(current), result, recorder.current(), Date.now()), file);
    if (result.reason === 'diverged')
      addNotice(context, {
        kind: 'warning',
        title: `${current.name}: ${result.message ?? 'the loss is no longer a number.'}`,
        remedy: 'Lower the learning rate under All settings, then train again.',
        diagnostics: false,
      });
    advance();
  }

  /** Adds a run to the list, or replaces the one with its id. */
  function list(run: RunRecord, file: Blob | undefined): void {
    store.setState(({ runs }) => ({ runs: [...runs.filter(({ id }) => id !== run.id), run] }));
    context.runStorage.put(run).catch((error: unknown) => reportError(context, error));
    if (file) models.keep(run.id, file);
  }

  /** The run goes on as it was. */
  function sayRefusal(name: string, { message, remedy }: Pick<Failure, 'message' | 'remedy'>): void {
    addNotice(context, {
      kind: 'warning',
      title: `${name}: ${message}`,
      remedy,
      diagnostics: false,
      action: { label: 'Start a new run', perform: start },
    });
  }

  return {
    start,
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
    forget: (because) => tell({ type: because }),
    handle(reply) {
      if (reply.type === 'event') handleEvent(reply);
      else if (reply.type === 'paused') tell({ type: 'paused', isPaused: reply.paused });
      else if (reply.type === 'failed') {
        if (reply.runId !== null) tell({ type: 'failed', runId: reply.runId, failure: reply.failure });
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
