import type { Settings } from '../../settings/settings.ts';
import type { RunResult, TrainingEvent } from '../../training/events.ts';
import { type CompressionOrder, isQueued, type RunTicket } from '../appState.ts';
import { recordOf } from '../models/compressedRuns.ts';
import { isTrained, nameRun, type RunRecord } from './runRecord.ts';
import type { SizeChange } from '../../training/resize/sizeChanges.ts';
import { trainable, withDimsOf } from '../dims/plan.ts';
import { addNotice, type Context, reportError } from '../context.ts';
import type { KeptModels } from '../models/keptModels.ts';
import { makeRunId, type RunQueue } from '../compare/runQueue.ts';

export interface RunActions {
  /** Trains the current settings now. The run in progress becomes the ghost. */
  start(): void;
  /**
   * Lets the run in progress go over to the settings as they are now, keeping what it has learnt; 'undo': by going back
   * to the weights it had before. False: it cannot, and nothing was asked for.
   */
  resize(kind: SizeChange['kind']): boolean;
  playOrPause(): void;
  step(): void;
  stop(): void;
  /** Takes the next run from the queue if there is nothing in progress and nobody holds the queue. */
  advance(): void;
  /** Ends the run in progress; nothing comes of it. */
  cancelCurrent(): void;
  /** The data set changed or the engine is gone: the run in progress is lost. */
  forget(): void;
  /** `file`: of the event's model. */
  handleEvent(runId: string, event: TrainingEvent, file: Blob | undefined): void;
  /** All that could be made of a model is. */
  endCompression(runId: string): void;
  handleFailure(runId: string): void;
}

const modelGone = {
  message: 'The model that was to be compressed is no longer kept.',
  remedy: 'Train its run again.',
};

export function createRunActions(context: Context, runQueue: RunQueue, models: KeptModels): RunActions {
  const { store, recorder, engine } = context;
  /** Runs the engine has been given and has not finished. */
  const inFlight = new Map<string, RunTicket>();
  /** What the run in progress was before each of its resizes: undo takes the last one back, and so does a refusal. */
  const before: RunTicket[] = [];
  /** The lines of runs that were replaced, until the engine says how they ended. */
  const replacedCurves = new Map<string, Pick<RunRecord, 'trainLoss' | 'validationLoss'>>();

  function start(): void {
    const { dataset, current, runs, datasetKey, settings, allocationFailure } = store.getState();
    if (!dataset) return;
    if (allocationFailure) return reportError(context, allocationFailure);
    if (current) replace(current);
    else {
      const lastRun = runs.findLast((run) => run.datasetKey === datasetKey && isTrained(run));
      store.setState(({ previousRun }) => ({ previousRun: lastRun ?? previousRun }));
    }
    const asked = trainable(settings);
    const name = nameRun(asked);
    launch({ id: makeRunId(), name, settings: asked, datasetKey, superseded: false, queued: null });
  }

  function launch(ticket: RunTicket): void {
    before.length = 0;
    inFlight.set(ticket.id, ticket);
    store.setState({ current: ticket, paused: false });
    recorder.begin(ticket.id);
    const { id: runId, settings, compression } = ticket;
    if (compression) void compress(ticket, compression);
    else engine.post({ type: 'run', runId, settings });
  }

  async function compress({ id, settings }: RunTicket, order: CompressionOrder): Promise<void> {
    const { from, by, budget, fineTuneSteps } = order;
    const file = await models.find(from);
    if (store.getState().current?.id !== id) return; // replaced or cancelled meanwhile
    if (!file) {
      handleFailure(id);
      return reportError(context, modelGone);
    }
    const compression = { by, budgets: [budget], fineTuneSteps };
    engine.post({ type: 'compress', runId: id, file, backend: settings.backend, compression });
  }

  function resize(kind: SizeChange['kind']): boolean {
    const { current, keepsLearnt, settings, budget, allocationFailure } = store.getState();
    const asked = trainable(settings);
    if (!keepsLearnt || !current || isQueued(current) || allocationFailure) return false;
    if (!differInSize(current.settings, asked)) return false;
    const next: RunTicket = { ...current, settings: asked, name: nameRun(asked) };
    const isUndone = kind === 'undo' && before.length > 0;
    if (isUndone) before.pop();
    else before.push(current);
    inFlight.set(next.id, next);
    store.setState({ current: next });
    const change: SizeChange = isUndone ? { kind: 'undo' } : { kind: 'resize', budget, alpha: asked.alpha };
    engine.post({ type: 'change-size', runId: current.id, change });
    return true;
  }

  /** The run goes on as it was, under the settings it was last resized to. */
  function refuse({ name }: RunTicket, event: Extract<TrainingEvent, { kind: 'resize-refused' }>): void {
    const still = before.pop();
    if (still) {
      inFlight.set(still.id, still);
      store.setState({ current: still });
    }
    addNotice(context, {
      kind: 'warning',
      title: `${name}: ${event.message}`,
      remedy: event.remedy,
      diagnostics: false,
      action: { label: 'Start a new run', perform: start },
    });
  }

  /** What is drawn are the dims of the settings, until a run on these settings says what they came to. */
  function showDims(
    { superseded, settings: own }: RunTicket,
    {
      settings: { allocation },
      allocation: summary,
      kind,
    }: Extract<TrainingEvent, { kind: 'started' | 'resized' }>,
  ): void {
    const isPlanned = kind === 'started' && allocation === 'popularity';
    const { editingFrom, settings } = store.getState();
    if (isPlanned || superseded || editingFrom || !areSame(own, trainable(settings))) return;
    store.setState((state) => ({ allocation: withDimsOf(state.allocation, summary) }));
  }

  function advance(): void {
    const { current, queueHeld, dataset } = store.getState();
    if (current || queueHeld || !dataset) return;
    const next = runQueue.take();
    if (next) launch(next);
  }

  function replace(ticket: RunTicket): void {
    inFlight.set(ticket.id, { ...ticket, superseded: true });
    const { trainLoss, validationLoss } = recorder.current();
    replacedCurves.set(ticket.id, { trainLoss, validationLoss });
    if (isQueued(ticket)) runQueue.putBack(ticket);
  }

  /** The engine trains one run at a time: whatever was replaced before this one has had its say. */
  function forgetReplaced(): void {
    for (const [id, { superseded }] of inFlight)
      if (superseded) {
        inFlight.delete(id);
        replacedCurves.delete(id);
      }
  }

  function finish(ticket: RunTicket, result: RunResult, file: Blob | undefined): void {
    inFlight.delete(ticket.id);
    const { trainLoss, validationLoss } = replacedCurves.get(ticket.id) ?? recorder.current();
    replacedCurves.delete(ticket.id);
    const { id, name, settings: asked, datasetKey, queued } = ticket;
    const { current } = store.getState();
    const createdAt = Date.now();
    const comparison = queued?.comparison ?? undefined;
    const curves = { trainLoss, validationLoss };
    const run: RunRecord = { id, name, datasetKey, createdAt, asked, result, ...curves, comparison };
    if (ticket.superseded) {
      store.setState({ previousRun: run });
      return;
    }
    if (current?.id === id) {
      recorder.flush();
      store.setState({ current: null, paused: false });
    }
    list(run, file);
    if (queued) runQueue.end([id]);
    if (result.reason === 'diverged')
      addNotice(context, {
        kind: 'warning',
        title: `${name}: ${result.message ?? 'the loss is no longer a number.'}`,
        remedy: 'Lower the learning rate under All settings, then train again.',
        diagnostics: false,
      });
    advance();
  }

  /** In the place of what was there under its id. */
  function list(run: RunRecord, file: Blob | undefined): void {
    store.setState(({ runs }) => ({ runs: [...runs.filter(({ id }) => id !== run.id), run] }));
    context.runStorage.put(run).catch((error: unknown) => reportError(context, error));
    if (file) models.keep(run.id, file);
  }

  function handleFailure(runId: string): void {
    const ticket = inFlight.get(runId);
    inFlight.delete(runId);
    store.setState(({ current }) => ({ current: current?.id === runId ? null : current }));
    // What was replaced is back in the queue under another id, and has its chance.
    if (ticket?.queued && !ticket.superseded) runQueue.end([runId]);
    advance();
  }

  return {
    start,
    resize,
    playOrPause() {
      const { current, paused } = store.getState();
      if (!current) start();
      else engine.post({ type: paused ? 'resume' : 'pause' });
    },
    step() {
      if (!store.getState().current) start();
      engine.post({ type: 'step' });
    },
    stop: () => engine.post({ type: 'stop' }),
    advance,
    cancelCurrent() {
      const { current } = store.getState();
      if (!current) return;
      inFlight.delete(current.id);
      store.setState({ current: null, paused: false });
      engine.post({ type: 'cancel' });
    },
    forget() {
      const { current } = store.getState();
      inFlight.clear();
      replacedCurves.clear();
      store.setState({ current: null, previousRun: null, paused: false });
      if (current && isQueued(current)) runQueue.putBack(current);
    },
    handleEvent(runId, event, file) {
      const ticket = inFlight.get(runId);
      if (!ticket) return; // of a data set that is no longer here
      if (event.kind === 'started' && !ticket.superseded) forgetReplaced();
      if (event.kind === 'started' || event.kind === 'resized') showDims(ticket, event);
      if (event.kind === 'resize-refused') refuse(ticket, event);
      const { compression, superseded } = ticket;
      if (event.kind === 'compressed' && compression) list(recordOf(ticket, compression, event.result), file);
      else if (event.kind === 'finished') finish(ticket, event.result, file);
      else if (!superseded) recorder.add(event);
    },
    endCompression(runId) {
      const ticket = inFlight.get(runId);
      inFlight.delete(runId);
      const { current } = store.getState();
      if (current?.id !== runId) return;
      recorder.flush();
      store.setState({ current: null, paused: false });
      if (ticket?.queued) runQueue.end([runId]);
      advance();
    },
    handleFailure,
  };
}

function differences(a: Settings, b: Settings): readonly (keyof Settings)[] {
  return (Object.keys(a) as (keyof Settings)[]).filter((name) => a[name] !== b[name]);
}

function areSame(a: Settings, b: Settings): boolean {
  return differences(a, b).length === 0;
}

/** α and budget differ, and nothing else. */
function differInSize(a: Settings, b: Settings): boolean {
  const names = differences(a, b);
  return names.length > 0 && names.every((name) => name === 'alpha' || name === 'budget');
}
