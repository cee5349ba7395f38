import { withOwnHyperparameters } from '../../comparison/hyperparameters.ts';
import type { ComparisonRun } from '../../comparison/comparisonRuns.ts';
import { settingTable, type Settings } from '../../settings/settings.ts';
import type { AppState } from '../appState.ts';
import { isQueued, type QueuedRun, type RequestedRun, trainable } from '../runs/requestedRun.ts';
import { isConclusive, isTrained, type RunRecord } from '../runs/runRecord.ts';

/** Queued runs on the open data. The run in progress is first if it came from the queue, then those that are trained beside it. */
export function waitingHere({
  current,
  aside,
  queue,
  datasetKey,
}: Pick<AppState, 'current' | 'aside' | 'queue' | 'datasetKey'>): readonly QueuedRun[] {
  const here = [...aside, ...queue.filter((run) => run.datasetKey === datasetKey)];
  return current && isQueued(current) ? [current, ...here] : here;
}

/** How many runs have ended of the comparisons that still wait for others. */
export function countDone(waiting: readonly QueuedRun[], runs: readonly RunRecord[]): number {
  const comparisons = new Set(waiting.map(({ queued }) => queued.comparison));
  return runs.filter(({ comparison }) => comparison !== undefined && comparisons.has(comparison)).length;
}

/**
 * Estimates the seconds that runs will take: for each the mean of ended runs of its method, or of all
 * where that method has none. null where no run has ended.
 */
export function estimateSeconds(
  asked: readonly Pick<RequestedRun, 'settings'>[],
  runsHere: readonly RunRecord[],
): number | null {
  const ended = runsHere.filter((run) => isConclusive(run) && isTrained(run));
  if (ended.length === 0) return null;
  const means = new Map<string, number>();
  const overall = meanSeconds(ended);
  let seconds = 0;
  for (const { settings } of asked) {
    const { method } = settings;
    if (!means.has(method)) {
      const same = ended.filter(({ result }) => result.settings.method === method);
      means.set(method, same.length > 0 ? meanSeconds(same) : overall);
    }
    seconds += means.get(method)!;
  }
  return seconds;
}

function meanSeconds(runs: readonly RunRecord[]): number {
  return runs.reduce((sum, { result }) => sum + result.seconds, 0) / runs.length;
}

/** Leaves out what a finished run has trained already: the same settings and seed give the same bits. */
export function notYetTrained(
  planned: readonly ComparisonRun[],
  runsHere: readonly RunRecord[],
): readonly ComparisonRun[] {
  const known = new Set(
    runsHere
      .filter((run) => isConclusive(run) && isTrained(run))
      .map(({ asked, result }) => keyOf({ ...asked, budget: result.settings.budget })),
  );
  return planned.filter(({ settings }) => !known.has(keyOf(trainable(settings))));
}

function keyOf(settings: Settings): string {
  const own = withOwnHyperparameters(settings);
  return JSON.stringify((Object.keys(settingTable) as (keyof Settings)[]).map((name) => own[name]));
}

/** Queued runs on other data, grouped by data set, in the order of the queue. */
export function waitingElsewhere({
  queue,
  datasetKey,
}: Pick<AppState, 'queue' | 'datasetKey'>): readonly (readonly QueuedRun[])[] {
  const byData = new Map<string, QueuedRun[]>();
  for (const run of queue) {
    if (run.datasetKey === datasetKey) continue;
    const group = byData.get(run.datasetKey);
    if (group) group.push(run);
    else byData.set(run.datasetKey, [run]);
  }
  return [...byData.values()];
}
