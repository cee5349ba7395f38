import type { SizeChange } from '../../training/resize/sizeChanges.ts';
import type { EngineReply, Failure } from '../../worker/protocol.ts';
import type { RunQueue } from '../compare/runQueue.ts';
import type { AppStore } from '../appState.ts';
import type { Context } from '../context.ts';
import { addNotice, reportError } from '../shared/notices.ts';
import { decideShownDims } from '../dims/decideShownDims.ts';
import { recordOf } from '../models/compressedRuns.ts';
import type { KeptModels } from '../models/keptModels.ts';
import {
  type CompressionOrder,
  isQueued,
  makeRunId,
  type RequestedRun,
  requestOf,
  trainable,
} from './requestedRun.ts';
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
import { experimentOf, identityOf, isTrained, recordOfRun, type RunRecord } from './runRecord.ts';
import { readNote, writeNote } from './runNote.ts';
import { deviceNames, nameRun } from './runWords.ts';
import type { InterruptedRun } from './state.ts';
import { formatCount } from '../shared/format.ts';
import type { RunResult, TrainingEvent } from '../../training/events/events.ts';

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

/** Resolves when the engine has said which runs a closed tab has left. */
function interruptedIsKnown(store: AppStore): Promise<void> {
  return new Promise((resolve) => {
    if (store.getState().interrupted) return resolve();
    const stop = store.subscribe(({ interrupted }) => {
      if (!interrupted) return;
      stop();
      resolve();
    });
  });
}

/** `restored` resolves when the runs of earlier visits are in the state, or when it is known that they cannot be. */
export function createRunActions(
  context: Context,
  runQueue: RunQueue,
  models: KeptModels,
  restored: Promise<unknown>,
): RunActions {
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

  /**
   * Data of a user's own are opened again to go on with what was left. With a sample, which every visit opens, settings of a link may
   * ask for something else.
   */
  async function beginOnData(): Promise<void> {
    const { dataset, datasetKey } = store.getState();
    await Promise.all([restored, interruptedIsKnown(store)]);
    const { interrupted, settings, current } = store.getState();
    // Something else was opened, or asked for, meanwhile.
    if (!dataset || !interrupted || current || store.getState().dataset !== dataset) return;
    const here = interrupted.filter((run) => run.datasetKey === datasetKey);
    const last = here.at(-1);
    if (last && (dataset.format !== 'sample' || areSame(last.settings, trainable(settings)))) goOn(last);
    else {
      if (!showKnown()) start();
      if (last) offer(last);
    }
    const elsewhere = interrupted.findLast((run) => run.datasetKey !== datasetKey);
    if (elsewhere) offer(elsewhere);
  }

  /** The engine finds the run's checkpoint by its id. */
  function goOn(run: InterruptedRun): void {
    const { settings } = run;
    leaveOut(run);
    store.setState((state) => ({ settings, ...decideShownDims({ ...state, settings, current: null }) }));
    ask(requestOf(run));
  }

  function leaveOut({ id }: InterruptedRun): void {
    store.setState(({ interrupted }) => ({ interrupted: interrupted!.filter((run) => run.id !== id) }));
  }

  function offer(run: InterruptedRun): void {
    const { datasetKey } = store.getState();
    const isHere = run.datasetKey === datasetKey;
    addNotice(context, {
      kind: 'warning',
      title: `“${run.name}” on ${run.datasetName} was interrupted at step ${formatCount(run.step)}.`,
      remedy: isHere ? 'It can go on from there.' : `Open ${run.datasetName} again to go on from there.`,
      diagnostics: false,
      actions: [
        ...(isHere ? [{ label: 'Go on', perform: () => goOn(run) }] : []),
        {
          label: 'Discard',
          perform() {
            leaveOut(run);
            engine.post({ type: 'forget-checkpoints', runIds: [run.id] });
          },
        },
      ],
    });
  }

  /** Runs of the queue are in it again, and go on when their turn comes. */
  function hearOfInterrupted(found: Extract<EngineReply, { type: 'interrupted' }>['runs']): void {
    const interrupted = found.flatMap(({ runId, step, note }): InterruptedRun[] => {
      const read = readNote(note);
      return read ? [{ ...read, id: runId, step, queued: null }] : [];
    });
    store.setState({ interrupted: interrupted.toSorted((a, b) => (a.id < b.id ? -1 : 1)) });
  }

  function ask(run: RequestedRun, lastRun?: RunRecord): void {
    tell({ type: 'asked-for', run, curves: recorder.current(), lastRun });
    recorder.begin(run.id);
    const { id: runId, settings, compression } = run;
    const datasetName = store.getState().dataset?.name ?? '';
    const note = isQueued(run) ? '' : writeNote({ ...run, datasetName });
    if (compression) void compress(run, compression);
    else engine.post({ type: 'run', runId, settings, note });
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
    if (next) ask(next);
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
    if (current && event.kind === 'resumed') sayWhereItGoesOn(current, event);
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

  /** Adds a run to the list, in place of the one with its id and of those that it repeats. */
  function list(run: RunRecord, file: Blob | undefined): void {
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
      context.runStorage.remove(others).catch((error: unknown) => reportError(context, error));
    }
    context.runStorage
      .put(run)
      .catch((error: unknown) => reportError(context, error))
      .finally(() => engine.post({ type: 'forget-checkpoints', runIds: [run.id] }));
    if (file) models.keep(run.id, file);
  }

  function sayWhereItGoesOn(
    { name }: CurrentRun,
    { step, trainedOn }: Extract<TrainingEvent, { kind: 'resumed' }>,
  ): void {
    addNotice(context, {
      kind: 'info',
      title: `“${name}” goes on from step ${formatCount(step)}, on ${deviceNames[trainedOn.at(-1)!.backend]}.`,
      remedy: '',
      diagnostics: false,
    });
  }

  function sayRecovery(runId: string, { message }: Failure): void {
    const { current } = store.getState();
    if (current?.id !== runId) return;
    addNotice(context, {
      kind: 'warning',
      title: message,
      remedy: `“${current.name}” goes on by itself, from its last checkpoint.`,
      diagnostics: true,
    });
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

  return {
    start,
    begin: beginOnData,
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
      else if (reply.type === 'interrupted') hearOfInterrupted(reply.runs);
      else if (reply.type === 'no-checkpoints')
        addNotice(context, {
          kind: 'warning',
          title: reply.failure.message,
          remedy: reply.failure.remedy,
          diagnostics: false,
        });
      else if (reply.type === 'recovering') {
        sayRecovery(reply.runId, reply.failure);
        tell({ type: 'recovering', runId: reply.runId });
      } else if (reply.type === 'failed') {
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
