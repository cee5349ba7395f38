import { formatBytes, formatCount, formatDim, formatDuration, formatShort } from '../shared/format.ts';
import { isRead } from '../../comparison/hyperparameters.ts';
import { formatSetting } from '../../settings/parseSetting.ts';
import { settingTable, type Settings } from '../../settings/settings.ts';
import type { EvaluatedSplit, Metric } from '../accuracy/metrics.ts';
import { type RunRecord, runValue } from './runRecord.ts';
import { runSizes } from './runSize.ts';
import { storedParameters } from '../../training/events/events.ts';

export interface RunColumn {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  /** The first click sorts from high to low. */
  readonly bestIsHigh: boolean;
  readonly value: (run: RunRecord) => number | string | undefined;
  readonly format: (run: RunRecord) => string;
}

export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

const orDash = (value: number | undefined, format: (value: number) => string): string =>
  value === undefined ? '–' : format(value);

/** `differing`: settings that get a column each, but for the method, which the name of a run tells. */
export function runColumns(
  metric: Metric,
  split: EvaluatedSplit,
  differing: readonly (keyof Settings)[] = [],
): readonly RunColumn[] {
  const metricOf = (run: RunRecord): number | undefined => runValue(run, metric, split);
  return [
    {
      id: 'createdAt',
      label: 'Run',
      help: 'Sorts by time',
      bestIsHigh: true,
      value: (run) => run.createdAt,
      format: (run) => run.name,
    },
    {
      id: 'parameters',
      label: 'Parameters',
      help: 'What the embedding layer really stores',
      bestIsHigh: false,
      value: (run) => storedParameters(run.result),
      format: (run) => formatCount(storedParameters(run.result)),
    },
    {
      id: 'trainingBytes',
      label: 'Memory',
      help: 'What training took on the device beside its examples, the copy of the best weights included',
      bestIsHigh: false,
      value: runSizes['training-memory'].of,
      format: (run) => formatBytes(runSizes['training-memory'].of(run)),
    },
    {
      id: 'baseDim',
      label: 'D',
      help: 'Dim of every vector that the model sees',
      bestIsHigh: true,
      value: (run) => run.result.allocation.baseDim,
      format: (run) => formatDim(run.result.allocation.baseDim),
    },
    {
      id: metric.id,
      label: metric.label,
      help: `${metric.label} on the ${split} split, of the weights that were best on validation`,
      bestIsHigh: metric.better === 'higher',
      value: metricOf,
      format: (run) => orDash(metricOf(run), (value) => value.toFixed(metric.digits)),
    },
    ...differing.filter((name) => name !== 'method').map(settingColumn),
    {
      id: 'steps',
      label: 'Steps',
      help: 'Training steps taken',
      bestIsHigh: false,
      value: (run) => run.result.steps,
      format: (run) => formatShort(run.result.steps),
    },
    {
      id: 'seconds',
      label: 'Time',
      help: 'Training and evaluation',
      bestIsHigh: false,
      value: (run) => run.result.seconds,
      format: (run) => formatDuration(run.result.seconds),
    },
  ];
}

function settingColumn(name: keyof Settings): RunColumn {
  const { label, help } = settingTable[name];
  return {
    id: `setting ${name}`,
    label,
    help,
    bestIsHigh: false,
    value: ({ result: { settings } }) =>
      isRead(settings.method, name) ? (settings[name] ?? undefined) : undefined,
    format: ({ result: { settings } }) =>
      isRead(settings.method, name) ? formatSetting(settings[name]) : '–',
  };
}

/** Runs without a value come last, whatever the direction. */
export function sortRuns(
  runs: readonly RunRecord[],
  columns: readonly RunColumn[],
  { column, descending }: SortOrder,
): readonly RunRecord[] {
  const { value } = columns.find(({ id }) => id === column) ?? columns[0];
  const sign = descending ? -1 : 1;
  return [...runs].sort((a, b) => {
    const left = value(a);
    const right = value(b);
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    return left < right ? -sign : left > right ? sign : b.createdAt - a.createdAt;
  });
}
