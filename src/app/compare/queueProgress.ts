import { withOwnHyperparameters } from '../../comparison/hyperparameters.ts';
import type { ComparisonRun } from '../../comparison/comparisonRuns.ts';
import { settingTable, type Settings } from '../../settings/settings.ts';
import type { AppState } from '../appState.ts';
import { isQueued, type QueuedRun, type RequestedRun, trainable } from '../runs/requestedRun.ts';
import { isConclusive, isTrained, type RunRecord } from '../runs/runRecord.ts';

/** Runs that the data at hand can serve: the one in progress, if it came from the queue, first. */
export function waitingHere({
  current,
  queue,
  datasetKey,
}: Pick<AppState, 'current' | 'queue' | 'datasetKey'>): readonly QueuedRun[] {
  const here = queue.filter((run) => run.datasetKey === datasetKey);
  return current && isQueued(current) ? [current, ...here] : here;
}

/** Runs of the comparisons that are not over yet which have ended. */
export function countDone(waiting: readonly QueuedRun[], runs: readonly RunRecord[]): number {
  const comparisons = new Set(waiting.map(({ queued }) => queued.comparison));
  return runs.filter(({ comparison }) => comparison !== undefined && comparisons.has(comparison)).length;
}

/**
 * Seconds that runs will take, from those that have ended on the same data: the mean of the same
 * method, or of all. null where none has ended.
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

/** What no run on the same data has come to its end with: the same settings and seed give the same bits. */
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

/** Runs that wait for other data, by that data, in the order of the queue. */
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
