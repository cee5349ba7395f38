import { frontCandidates, type SeedGroup, seedGroups } from '../runs/seedGroups.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import type { Spread } from '../../comparison/summary.ts';
import { type EvaluatedSplit, type Metric, readMetric } from './metrics.ts';
import {
  type FrontPoint,
  isConclusive,
  isTrained,
  paretoFront,
  type RunRecord,
  runValue,
} from '../runs/runRecord.ts';
import type { RunSize } from '../runs/runSize.ts';
import type { Interval } from '../charts/ticks.ts';

export interface RunPoint extends FrontPoint {
  readonly run: RunRecord;
  readonly isPrevious: boolean;
  /** One of several seeds, whose mean is drawn too. */
  readonly isSeed: boolean;
}

export interface RunPath {
  readonly id: string;
  readonly points: readonly Pick<FrontPoint, 'size' | 'value'>[];
}

/** What the accuracy chart shows, in data units. */
export interface AccuracyData {
  readonly points: readonly RunPoint[];
  readonly groups: readonly SeedGroup[];
  /** Of runs that were resized while they trained, their sizes in order; of models that were made of others, from those. The last is the run's own point. */
  readonly paths: readonly RunPath[];
  /** Chosen on validation among the means over seeds of each setting, and drawn at their means on the split that is shown. */
  readonly front: readonly FrontPoint[];
  /** The same of uniform runs alone: the reference line. */
  readonly uniform: readonly FrontPoint[];
  readonly bestPossible: number | undefined;
  /** So far from every point that showing it would flatten them: drawn at the edge, with an arrow. */
  readonly bestIsFar: boolean;
  readonly x: Interval;
  readonly y: Interval;
}

export function composeAccuracy(
  dataset: DatasetSummary,
  runs: readonly RunRecord[],
  previousRun: RunRecord | null,
  metric: Metric,
  split: EvaluatedSplit,
  size: RunSize,
  span: Interval,
): AccuracyData {
  const groups = seedGroups(runs, metric, split, size);
  const seeds = new Set(groups.flatMap(({ ids }) => ids));
  const points: RunPoint[] = [];
  for (const run of previousRun && !runs.some(({ id }) => id === previousRun.id)
    ? [...runs, previousRun]
    : runs) {
    const isPrevious = run.id === previousRun?.id;
    // A run that was replaced was not tested: like the live point it stands at its validation value.
    const value =
      runValue(run, metric, split) ?? (isPrevious ? runValue(run, metric, 'validation') : undefined);
    if (value === undefined) continue;
    points.push({ id: run.id, size: size.of(run), value, run, isPrevious, isSeed: seeds.has(run.id) });
  }
  const conclusive = points.filter(({ run }) => isConclusive(run));
  const uniform = conclusive.filter(({ run }) => isTrained(run) && run.result.settings.method === 'uniform');
  const candidates = frontCandidates(runs, metric, split, size);
  const { bestPossible: best } = dataset;
  const bestPossible = split === 'test' ? bestInMetric(best, metric) : undefined;
  const values = (conclusive.length > 0 ? conclusive : points).map(({ value }) => value);
  for (const { spread } of groups) values.push(...barEnds(spread));
  const paths = points.flatMap((point) => [
    ...pathOf(point, metric, split, size),
    ...pathFrom(points, point),
  ]);
  for (const path of paths) values.push(...path.points.map(({ value }) => value));
  const y = pad(values, metric, bestPossible);
  const bestIsFar = bestPossible !== undefined && isFar(bestPossible, y);
  return {
    points,
    groups,
    paths,
    front: paretoFront(candidates, metric),
    uniform: paretoFront(
      candidates.filter(({ id }) => uniform.some((run) => run.id === id)),
      metric,
    ),
    bestPossible,
    bestIsFar,
    x: widen(
      span,
      points.map((point) => point.size),
    ),
    y: bestPossible === undefined || bestIsFar ? y : include(y, bestPossible),
  };
}

/** A stage without a value is left out, and a path of less than two points. */
function pathOf(
  { id, run, size: last, value: lastValue }: RunPoint,
  metric: Metric,
  split: EvaluatedSplit,
  size: RunSize,
): readonly RunPath[] {
  const stages = (run.result.stages ?? []).flatMap((stage) => {
    const value = readMetric(stage.metrics[split], metric.id);
    return value === undefined ? [] : [{ size: size.ofStage(stage), value }];
  });
  return stages.length > 0 ? [{ id, points: [...stages, { size: last, value: lastValue }] }] : [];
}

/** From the model that it was made of, if that is drawn. */
function pathFrom(points: readonly RunPoint[], point: RunPoint): readonly RunPath[] {
  const from = point.run.madeOf && points.find(({ id }) => id === point.run.madeOf);
  return from ? [{ id: `from ${point.id}`, points: [from, point] }] : [];
}

/** Mean ± standard deviation. */
export function barEnds({ mean, deviation }: Spread): Interval {
  return [mean - (deviation ?? 0), mean + (deviation ?? 0)];
}

/** Farther than three times what the points span. */
function isFar(value: number, [low, high]: Interval): boolean {
  return Math.max(low - value, value - high) > 3 * (high - low);
}

function include([low, high]: Interval, value: number): Interval {
  const margin = 0.05 * Math.max(high - value, value - low);
  return [Math.min(low, value - margin), Math.max(high, value + margin)];
}

/** The oracle's RMSE is its MSE too. */
function bestInMetric(best: DatasetSummary['bestPossible'], metric: Metric): number | undefined {
  if (!best) return undefined;
  if (best.metric === metric.id) return best.value;
  return best.metric === 'rmse' && metric.id === 'mse' ? best.value ** 2 : undefined;
}

function widen([low, high]: Interval, values: readonly number[]): Interval {
  // A tenth more on both sides: marks at the ends are not cut.
  return [Math.min(low, ...values) / 1.1, Math.max(high, ...values) * 1.1];
}

function pad(values: readonly number[], metric: Metric, bestPossible: number | undefined): Interval {
  if (values.length === 0) {
    if (bestPossible === undefined) return metric.task === 'click' ? [0.5, 1] : [0, 1];
    return metric.better === 'higher'
      ? [bestPossible - 0.1, bestPossible + 0.01]
      : [bestPossible * 0.98, bestPossible * 1.3];
  }
  const low = Math.min(...values);
  const high = Math.max(...values);
  const margin = Math.max((high - low) * 0.15, 0.005 * Math.abs(high), 1e-4);
  return [low - margin, high + margin];
}
