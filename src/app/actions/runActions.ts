import type { RunResult, TrainingEvent } from '../../training/events.ts';
import type { Settings } from '../../settings/settings.ts';
import type { RunTicket } from '../store/appState.ts';
import { nameRun, type RunRecord } from '../store/runRecord.ts';
import { trainable } from '../store/plan.ts';
import { addNotice, type Context, reportError } from './context.ts';

export interface RunActions {
  /** Trains the current settings now. The run in progress becomes the ghost. */
  start(): void;
  /** Waits its turn behind the run in progress. */
  trainUniformBaseline(): void;
  playOrPause(): void;
  step(): void;
  stop(): void;
  /** The data set changed: the engine has forgotten its runs. */
  forget(): void;
  handleEvent(runId: string, event: TrainingEvent): void;
  handleFailure(runId: string): void;
}

export function createRunActions(context: Context): RunActions {
  const { store, recorder, engine } = context;
  /** Runs the engine has been given and has not finished. */
  const inFlight = new Map<string, RunTicket>();
  /** The lines of runs that were replaced, until the engine says how they ended. */
  const replacedCurves = new Map<string, Pick<RunRecord, 'trainLoss' | 'validationLoss'>>();

  function issueTicket(settings: Settings): RunTicket {
    const asked = trainable(settings);
    const ticket = { id: makeRunId(), name: nameRun(asked), settings: asked, superseded: false };
    inFlight.set(ticket.id, ticket);
    return ticket;
  }

  function start(): void {
    const { dataset, current, runs, datasetKey, settings, allocationFailure } = store.getState();
    if (!dataset) return;
    if (allocationFailure) return reportError(context, allocationFailure);
    if (current) replace(current);
    else {
      const lastRun = runs.findLast((run) => run.datasetKey === datasetKey);
      store.setState(({ ghost }) => ({ ghost: lastRun ?? ghost }));
    }
    const ticket = issueTicket(settings);
    store.setState({ current: ticket, paused: false });
    recorder.begin(ticket.id);
    engine.post({ type: 'run', runId: ticket.id, settings: ticket.settings, when: 'now' });
  }

  function replace(ticket: RunTicket): void {
    inFlight.set(ticket.id, { ...ticket, superseded: true });
    const { trainLoss, validationLoss } = recorder.current();
    replacedCurves.set(ticket.id, { trainLoss, validationLoss });
  }

  function begin(runId: string): void {
    const { current, queue } = store.getState();
    const ticket = queue.find(({ id }) => id === runId);
    if (!ticket || current?.id === runId) return;
    store.setState({ current: ticket, queue: queue.filter(({ id }) => id !== runId), paused: false });
    recorder.begin(runId);
  }

  function finish(ticket: RunTicket, result: RunResult): void {
    inFlight.delete(ticket.id);
    const { trainLoss, validationLoss } = replacedCurves.get(ticket.id) ?? recorder.current();
    replacedCurves.delete(ticket.id);
    const { id, name, settings: asked } = ticket;
    const { datasetKey, current } = store.getState();
    const createdAt = Date.now();
    const run: RunRecord = { id, name, datasetKey, createdAt, asked, result, trainLoss, validationLoss };
    if (ticket.superseded) {
      store.setState({ ghost: run });
      return;
    }
    if (current?.id === id) {
      recorder.flush();
      store.setState({ current: null, paused: false });
    }
    store.setState(({ runs }) => ({ runs: [...runs, run] }));
    context.runStorage.put(run).catch((error: unknown) => reportError(context, error));
    if (result.reason === 'diverged')
      addNotice(context, {
        kind: 'warning',
        title: `${name}: ${result.message ?? 'the loss is no longer a number.'}`,
        remedy: 'Lower the learning rate under All settings, then train again.',
        diagnostics: false,
      });
  }

  return {
    start,
    trainUniformBaseline() {
      const { settings, budget, dataset } = store.getState();
      if (!dataset) return;
      const ticket = issueTicket({ ...settings, method: 'uniform', budget });
      store.setState(({ queue }) => ({ queue: [...queue, ticket] }));
      engine.post({ type: 'run', runId: ticket.id, settings: ticket.settings, when: 'queue' });
    },
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
    forget() {
      inFlight.clear();
      replacedCurves.clear();
      store.setState({ current: null, queue: [], ghost: null, paused: false });
    },
    handleEvent(runId, event) {
      const ticket = inFlight.get(runId);
      if (!ticket) return; // of a data set that is no longer here
      if (event.kind === 'started') begin(runId);
      if (event.kind === 'finished') finish(ticket, event.result);
      else if (!ticket.superseded) recorder.add(event);
    },
    handleFailure(runId) {
      inFlight.delete(runId);
      store.setState(({ current, queue }) => ({
        current: current?.id === runId ? null : current,
        queue: queue.filter(({ id }) => id !== runId),
      }));
    },
  };
}

let lastRun = 0;

/** Unique among the runs of this browser; crypto.randomUUID is missing on plain http. */
function makeRunId(): string {
  lastRun++;
  return `${Date.now().toString(36)}-${lastRun.toString(36)}`;
}
