import { expandComparison } from '../../comparison/comparisonRuns.ts';
import { frontOf } from '../../search/front.ts';
import { planSearch, type SearchPlan } from '../../search/halving.ts';
import { search, type SearchRun, type Winner } from '../../search/search.ts';
import { spanSpace } from '../../search/space.ts';
import type { Settings } from '../../settings/settings.ts';
import type { RunLength } from '../../training/plan/runLength.ts';
import { WorkerError } from '../../worker/client.ts';
import type { Failure } from '../../worker/protocol.ts';
import type { Context } from '../context.ts';
import { makeRunId, trainable } from '../runs/requestedRun.ts';
import type { RunActions } from '../runs/runActions.ts';
import { experimentOf, identityOf, type RunRecord, storedParameters } from '../runs/runRecord.ts';
import { formatCount } from '../shared/format.ts';
import { reportError } from '../shared/notices.ts';
import { type AwaitedRuns, lowestLoss, SearchCancelled } from './awaitedRuns.ts';
import { readChoices } from './chosenComparison.ts';
import { makeQueuedRuns, type RunQueue } from './runQueue.ts';

export interface SearchActions {
  /**
   * Finds the best of the chosen values, and of some learning rates, for each method and budget: see src/search. Its runs go through
   * the queue, and whoever cancels one of them cancels the search. Runs of higher rungs begin anew, with the bits of one that went on.
   */
  search(): Promise<void>;
  /** Ends the search in progress. Its rungs leave the queue; whole runs that it has trained stay in the list. */
  cancelSearch(): void;
  /** Takes the outcome away. */
  dismissSearch(): void;
  hearLengths(lengths: readonly RunLength[] | Failure): void;
}

export function createSearchActions(
  context: Context,
  runs: RunActions,
  runQueue: RunQueue,
  awaited: AwaitedRuns,
): SearchActions {
  const { store, engine } = context;
  let hear: ((lengths: readonly RunLength[] | Failure) => void) | undefined;

  /** Rejects with WorkerError. */
  function askLengths(settings: readonly Settings[]): Promise<readonly RunLength[]> {
    return new Promise((resolve, reject) => {
      hear = (lengths) => ('message' in lengths ? reject(new WorkerError(lengths)) : resolve(lengths));
      engine.post({ type: 'find-lengths', settings });
    });
  }

  /** A run with this identity that is there already. */
  function findRun(settings: Settings): RunRecord | undefined {
    const { datasetKey, runs: all } = store.getState();
    const wanted = experimentOf(datasetKey, trainable(settings) as Settings & { readonly budget: number });
    return all.findLast((run) => identityOf(run) === wanted);
  }

  async function plan(): Promise<SearchPlan> {
    const { dataset, comparison, settings } = store.getState();
    const { axes, ...request } = readChoices(comparison, settings);
    const others = axes.filter(({ name }) => name !== 'learningRate');
    const { fields } = dataset!;
    const cells = expandComparison({ ...request, axes: others, seeds: 1 }, fields).runs.map(
      (run) => run.settings,
    );
    const lengths = await askLengths(cells);
    const byName = new Map(cells.map((cell, i) => [JSON.stringify(cell), lengths[i]]));
    const space = { ...request, axes, rates: comparison.rates };
    const { cells: spanned } = spanSpace(space, fields, (cell) => byName.get(JSON.stringify(cell))!);
    return planSearch(spanned, { seeds: request.seeds });
  }

  /** Queues what is not there yet, and waits for it. */
  async function train(asked: readonly SearchRun[], comparison: string): Promise<readonly number[]> {
    const state = store.getState();
    const known = asked.map(({ settings, untilStep }) =>
      untilStep === null ? findRun(settings) : undefined,
    );
    const missing = asked.filter((_, i) => !known[i]);
    const queued = makeQueuedRuns(
      { ...state, dataset: state.dataset! },
      {
        settings: missing.map(({ settings }) => settings),
        swept: ['learningRate'],
        comparison,
        where: 'last',
      },
    ).map((run, i) => {
      const { untilStep } = missing[i];
      return untilStep === null
        ? run
        : Object.assign(run, { untilStep, name: `${run.name}, to step ${formatCount(untilStep)}` });
    });
    const waiting = queued.map((run) => awaited.lossOf(run));
    runQueue.add(queued);
    runs.advance();
    const losses = await Promise.all(waiting);
    return known.map((run) => (run ? lowestLoss({ result: run.result, curves: run }) : losses.shift()!));
  }

  function tellOutcome(winners: readonly Winner[], seeds: number): void {
    const found = winners.map(({ plan: { cell }, settings }) => {
      const own = Array.from({ length: seeds }, (_, i) =>
        findRun({ ...settings, seed: settings.seed + i }),
      ).filter((run) => run !== undefined);
      const losses = own.map((run) => lowestLoss({ result: run.result, curves: run }));
      const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
      return {
        cell,
        name: own[0]?.name ?? cell.method,
        size: own[0] ? storedParameters(own[0].result) : NaN,
        loss,
      };
    });
    const front = frontOf(found).map(
      ({ name, cell, size, loss }) =>
        `${name}: ${formatCount(size)} parameters, mean validation loss ${loss.toFixed(4)}, the best of ${cell.candidates.length} tries.`,
    );
    const rates = winners[0]?.plan.cell.rates ?? 0;
    const how = `Chosen by validation, each method from ${rates} learning rates under each combination of its other settings; the test split has chosen nothing.`;
    setSearch({ outcome: ['On the front:', ...front, how] });
  }

  /** Nobody waits for them any more. */
  function dropRungs(): void {
    const rungs = store.getState().queue.filter(({ untilStep }) => untilStep !== undefined);
    runQueue.end(rungs.map(({ id }) => id));
  }

  function setSearch(change: Partial<NonNullable<ReturnType<typeof store.getState>['search']>>): void {
    store.setState(({ search: before }) => (before ? { search: { ...before, ...change } } : {}));
  }

  return {
    async search() {
      if (!store.getState().dataset || store.getState().search?.outcome === null) return;
      store.setState({ search: { stage: 0, stages: 1, outcome: null }, queueHeld: false });
      try {
        const planned = await plan();
        const { seeds } = store.getState().comparison;
        const stages = 2 + Math.max(0, ...planned.cells.map(({ depth }) => depth));
        const comparison = makeRunId();
        let stage = 0;
        const winners = await search(planned, seeds, (asked) => {
          setSearch({ stage: ++stage, stages });
          return train(asked, comparison);
        });
        tellOutcome(winners, seeds);
      } catch (error) {
        store.setState({ search: null });
        dropRungs();
        if (!(error instanceof SearchCancelled)) reportError(context, error);
      }
    },
    cancelSearch: () => awaited.cancelAll(),
    dismissSearch: () => store.setState({ search: null }),
    hearLengths: (lengths) => hear?.(lengths),
  };
}
