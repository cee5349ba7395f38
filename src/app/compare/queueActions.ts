import { expandComparison } from '../../comparison/comparisonRuns.ts';
import type { AppState } from '../appState.ts';
import { readChoices } from './chosenComparison.ts';
import type { ComparisonChoices } from './state.ts';
import { isQueued, makeRunId, type QueuedRun } from '../runs/requestedRun.ts';
import { notYetTrained } from './queueProgress.ts';
import { pluralize } from '../shared/format.ts';
import type { Context } from '../context.ts';
import { addNotice, reportError } from '../shared/notices.ts';
import type { QueueRunners, RunActions } from '../runs/runActions.ts';
import { makeQueuedRuns, renew, type RunQueue } from './runQueue.ts';

export interface QueueActions {
  /** Queues a run of the uniform method at the budget in use, before all others. */
  trainUniformBaseline(): void;
  choose(choices: Partial<ComparisonChoices>): void;
  /** Queues the chosen comparison, without runs that are finished already. Other settings are those in use. */
  compare(): void;
  pause(): void;
  /** Goes on with the queue, including one that an earlier visit left. */
  resume(): void;
  /** Cancels runs of the queue, started or not, and offers to undo. */
  cancel(ids: readonly string[]): void;
}

export function createQueueActions(
  context: Context,
  runs: RunActions,
  runQueue: RunQueue,
  { sides, awaited }: QueueRunners,
): QueueActions {
  const { store, engine } = context;

  function enqueue(waiting: readonly QueuedRun[]): void {
    runQueue.add(waiting);
    runs.advance();
  }

  function resume(): void {
    const { current } = store.getState();
    store.setState({ queueHeld: false });
    if (current?.isPaused && isQueued(current)) engine.post({ type: 'resume' });
    sides.resume();
    runs.advance();
  }

  function cancel(ids: readonly string[]): void {
    const { current, aside, queue } = store.getState();
    const inProgress = current && isQueued(current) ? [current] : [];
    const cancelled = [...inProgress, ...aside, ...queue].filter(({ id }) => ids.includes(id));
    if (cancelled.length === 0) return;
    runQueue.end(cancelled.map(({ id }) => id));
    sides.cancel(ids);
    awaited.cancelled(cancelled);
    if (current && ids.includes(current.id) && isQueued(current)) runs.cancelCurrent();
    const [{ name }] = cancelled;
    const lasting = cancelled.filter(({ untilStep }) => untilStep === undefined);
    addNotice(context, {
      kind: 'info',
      title: `Cancelled ${cancelled.length === 1 ? `“${name}”` : pluralize(cancelled.length, 'run')}.`,
      remedy: '',
      diagnostics: false,
      actions: lasting.length > 0 ? [{ label: 'Undo', perform: () => enqueue(lasting.map(renew)) }] : [],
    });
    runs.advance();
  }

  return {
    trainUniformBaseline() {
      const state = store.getState();
      if (!hasData(state)) return;
      const { queue, datasetKey } = state;
      // A queue is held for the runs in it; with none of this data in it, the new one may go.
      if (!queue.some((waiting) => waiting.datasetKey === datasetKey)) store.setState({ queueHeld: false });
      const settings = [{ ...state.settings, method: 'uniform' as const, budget: state.budget }];
      enqueue(makeQueuedRuns(state, { settings, comparison: null, where: 'first' }));
    },
    choose: (choices) => store.setState((state) => ({ comparison: { ...state.comparison, ...choices } })),
    compare() {
      const state = store.getState();
      if (!hasData(state)) return;
      try {
        const request = readChoices(state.comparison, state.settings);
        const plan = expandComparison(request, state.dataset.fields);
        const runsHere = state.runs.filter((run) => run.datasetKey === state.datasetKey);
        const settings = notYetTrained(plan.runs, runsHere).map((run) => run.settings);
        const swept = request.axes.map(({ name }) => name);
        enqueue(makeQueuedRuns(state, { settings, swept, comparison: makeRunId(), where: 'last' }));
        resume();
      } catch (error) {
        reportError(context, error);
      }
    },
    pause() {
      const { current } = store.getState();
      store.setState({ queueHeld: true });
      if (current && !current.isPaused && isQueued(current)) engine.post({ type: 'pause' });
      sides.pause();
    },
    resume,
    cancel,
  };
}

function hasData(state: AppState): state is AppState & { dataset: NonNullable<AppState['dataset']> } {
  return state.dataset !== null;
}
