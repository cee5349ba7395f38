import type { SeededValue } from '../../comparison/toReference.ts';
import { withOwnHyperparameters } from '../../comparison/hyperparameters.ts';
import { type Settings, settingTable } from '../../settings/settings.ts';
import type { RunResult } from '../../training/events/events.ts';
import { type EvaluatedSplit, isBetter, type Metric, readMetric } from '../accuracy/metrics.ts';
import type { Curve } from '../loss/curve.ts';
import type { RequestedRun } from './requestedRun.ts';

/** A run that is over, as it is stored, listed and drawn. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly datasetKey: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly asked: Settings;
  readonly result: RunResult;
  readonly trainLoss: Curve;
  readonly validationLoss: Curve;
  /** The comparison it is a part of. */
  readonly comparison?: string;
  /** The run whose model it was compressed from, or trained further from. */
  readonly madeOf?: string;
}

export type RunCurves = Pick<RunRecord, 'trainLoss' | 'validationLoss'>;

/** A run that has come to its end. */
export function recordOfRun(
  { id, name, settings, datasetKey, queued }: RequestedRun,
  result: RunResult,
  { trainLoss, validationLoss }: RunCurves,
  createdAt: number,
): RunRecord {
  const comparison = queued?.comparison ?? undefined;
  return { id, name, datasetKey, createdAt, asked: settings, result, trainLoss, validationLoss, comparison };
}

/** Whether the run was trained, not made from another run's model by compression. */
export function isTrained({ result }: Pick<RunRecord, 'result'>): boolean {
  return result.compressed === undefined;
}

/** Whether the run came to its end. Stopped and diverged runs are shown but not compared. */
export function isConclusive(run: RunRecord): boolean {
  return run.result.reason === 'completed' || run.result.reason === 'early-stopped';
}

export function runValue(run: RunRecord, metric: Metric, split: EvaluatedSplit): number | undefined {
  return readMetric(run.result.metrics[split], metric.id);
}

/** The run with the best value on the validation split: what is reported of it, on the test split, has chosen nothing. */
export function bestRun(runs: readonly RunRecord[], metric: Metric): RunRecord | undefined {
  let best: RunRecord | undefined;
  let bestValue = Number.NaN;
  for (const run of runs) {
    const value = isConclusive(run) ? runValue(run, metric, 'validation') : undefined;
    if (value === undefined) continue;
    if (best && !isBetter(metric, value, bestValue)) continue;
    best = run;
    bestValue = value;
  }
  return best;
}

/**
 * Equal for runs that are one and the same experiment: data, settings and seed. Another one of them is no new evidence. undefined for
 * what is never repeated: a run that was resized on the way, stopped, or made of another one.
 */
export function identityOf(run: RunRecord): string | undefined {
  const isPlain = isConclusive(run) && isTrained(run) && !run.result.stages?.length;
  return isPlain
    ? experimentOf(run.datasetKey, { ...run.asked, budget: run.result.settings.budget })
    : undefined;
}

/** The identity of a run with these settings. */
export function experimentOf(datasetKey: string, settings: Settings & { readonly budget: number }): string {
  const own = withOwnHyperparameters(settings);
  return JSON.stringify([datasetKey, ...settingNames.map((name) => own[name])]);
}

const settingNames = Object.keys(settingTable) as (keyof Settings)[];

/** The runs without those that a later one repeats. */
export function withoutRepeats(runs: readonly RunRecord[]): readonly RunRecord[] {
  const last = new Map(runs.map((run) => [identityOf(run) ?? run.id, run]));
  return runs.filter((run) => last.get(identityOf(run) ?? run.id) === run);
}

export interface FrontPoint {
  readonly id: string;
  readonly size: number;
  readonly value: number;
  /** The value that decides, on the validation split; without one, `value`. */
  readonly choice?: number;
}

/** Points that no other point beats at their size, from small to large. */
export function paretoFront(points: readonly FrontPoint[], metric: Metric): readonly FrontPoint[] {
  const choiceOf = ({ value, choice = value }: FrontPoint): number => choice;
  const bySize = [...points].sort(
    (a, b) => a.size - b.size || (isBetter(metric, choiceOf(a), choiceOf(b)) ? -1 : 1),
  );
  const front: FrontPoint[] = [];
  for (const point of bySize) {
    const last = front.at(-1);
    if (!last || isBetter(metric, choiceOf(point), choiceOf(last))) front.push(point);
  }
  return front;
}

/** The uniform runs at a budget: the reference of other methods, seed by seed. */
export function uniformAt(runs: readonly RunRecord[], budget: number): readonly RunRecord[] {
  return runs.filter((run) => {
    const { method, budget: own } = run.result.settings;
    return isConclusive(run) && isTrained(run) && method === 'uniform' && Math.abs(own - budget) < 1;
  });
}

/** A metric of runs with their seeds, those without a value left out. */
export function seededValues(
  runs: readonly RunRecord[],
  metric: Metric,
  split: EvaluatedSplit,
): readonly SeededValue[] {
  return runs.flatMap((run) => {
    const value = runValue(run, metric, split);
    return value === undefined ? [] : [{ seed: run.result.settings.seed, value }];
  });
}

/** What is really stored of the embedding layer: by its weights where these decide it. */
export function storedParameters({ stored, allocation }: RunResult): number {
  return stored?.parameters ?? allocation.parameters;
}
