import type { Settings } from '../../settings/settings.ts';
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

export function bestRun(
  runs: readonly RunRecord[],
  metric: Metric,
  split: EvaluatedSplit,
): RunRecord | undefined {
  let best: RunRecord | undefined;
  let bestValue = Number.NaN;
  for (const run of runs) {
    const value = isConclusive(run) ? runValue(run, metric, split) : undefined;
    if (value === undefined) continue;
    if (best && !isBetter(metric, value, bestValue)) continue;
    best = run;
    bestValue = value;
  }
  return best;
}

export interface FrontPoint {
  readonly id: string;
  readonly size: number;
  readonly value: number;
}

/** Points that no other point beats at their size, from small to large. */
export function paretoFront(points: readonly FrontPoint[], metric: Metric): readonly FrontPoint[] {
  const bySize = [...points].sort((a, b) => a.size - b.size || (isBetter(metric, a.value, b.value) ? -1 : 1));
  const front: FrontPoint[] = [];
  for (const point of bySize) {
    const last = front.at(-1);
    if (!last || isBetter(metric, point.value, last.value)) front.push(point);
  }
  return front;
}

/** The best uniform run with the same budget, the reference for other methods. */
export function uniformAt(
  runs: readonly RunRecord[],
  budget: number,
  metric: Metric,
  split: EvaluatedSplit,
): RunRecord | undefined {
  return bestRun(
    runs.filter((run) => {
      const { method, budget: own } = run.result.settings;
      return isTrained(run) && method === 'uniform' && Math.abs(own - budget) < 1;
    }),
    metric,
    split,
  );
}

/** What is really stored of the embedding layer: by its weights where these decide it. */
export function storedParameters({ stored, allocation }: RunResult): number {
  return stored?.parameters ?? allocation.parameters;
}
