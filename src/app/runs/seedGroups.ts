import { differenceToReference, formatDifference } from '../../comparison/toReference.ts';
import { differingSettings, groupSeeds, nameAmong } from '../../comparison/hyperparameters.ts';
import {
  type ComparedRun,
  formatSummary,
  type SeedSummary,
  type Spread,
  spreadOf,
  summarise,
} from '../../comparison/summary.ts';
import { totalBytes } from '../../program/memory.ts';
import type { MethodId, Settings } from '../../settings/settings.ts';
import { type EvaluatedSplit, type Metric, metricTable, readMetric } from '../accuracy/metrics.ts';
import {
  type FrontPoint,
  isConclusive,
  isTrained,
  type RunRecord,
  runValue,
  seededValues,
  storedParameters,
  uniformAt,
} from './runRecord.ts';
import type { RunSize } from './runSize.ts';

/** Runs that differ in nothing but the seed, and where they stand on the chart. */
export interface SeedGroup {
  readonly key: string;
  readonly method: MethodId;
  readonly ids: readonly string[];
  readonly size: number;
  readonly spread: Spread;
}

const settingsOf = (run: RunRecord): Settings => run.result.settings;

/** Groups of at least two trained, conclusive runs, since one value has no spread. */
export function seedGroups(
  runs: readonly RunRecord[],
  metric: Metric,
  split: EvaluatedSplit,
  size: RunSize,
): readonly SeedGroup[] {
  const groups: SeedGroup[] = [];
  for (const [key, members] of groupSeeds(
    runs.filter((run) => isConclusive(run) && isTrained(run)),
    settingsOf,
  )) {
    const values = members.flatMap((run) => runValue(run, metric, split) ?? []);
    const spread = values.length > 1 ? spreadOf(values) : null;
    const [first] = members;
    const ids = members.map(({ id }) => id);
    const { method } = first.result.settings;
    if (spread) groups.push({ key, method, ids, size: size.of(first), spread });
  }
  return groups;
}

/**
 * What a front is made of: the mean over the seeds of each setting, which validation alone may choose. Conclusive runs that were made
 * of others stand for themselves.
 */
export function frontCandidates(
  runs: readonly RunRecord[],
  metric: Metric,
  split: EvaluatedSplit,
  size: RunSize,
): readonly FrontPoint[] {
  const conclusive = runs.filter(isConclusive);
  const groups = [
    ...groupSeeds(conclusive.filter(isTrained), settingsOf).values(),
    ...conclusive.filter((run) => !isTrained(run)).map((run) => [run]),
  ];
  return groups.flatMap((group): FrontPoint[] => {
    const [shown, choice] = ([split, 'validation'] as const).map((own) =>
      spreadOf(seededValues(group, metric, own).map(({ value }) => value)),
    );
    if (!shown || !choice) return [];
    return [{ id: group[0].id, size: size.of(group[0]), value: shown.mean, choice: choice.mean }];
  });
}

/**
 * How much runs of one setting differ from the uniform runs at their budget with the same seeds, in words; '' for these themselves, and
 * where there are none.
 */
export function againstUniform(
  runs: readonly RunRecord[],
  ids: readonly string[],
  metric: Metric,
  split: EvaluatedSplit,
): string {
  const own = runs.filter((run) => ids.includes(run.id) && isConclusive(run));
  const uniform = own.length > 0 ? uniformAt(runs, own[0].result.settings.budget) : [];
  if (uniform.some(({ id }) => ids.includes(id))) return '';
  const difference = differenceToReference(
    seededValues(own, metric, split),
    seededValues(uniform, metric, split),
  );
  return difference ? formatDifference(difference, metric.digits) : '';
}

export interface SummaryRow {
  readonly summary: SeedSummary;
  readonly key: string;
  readonly ids: readonly string[];
  /** The method and the settings that differ between the groups. */
  readonly name: string;
}

/** One row per setting, small budgets first. */
export function summariseRuns(
  runs: readonly RunRecord[],
  metrics: readonly Metric[],
  split: EvaluatedSplit,
): readonly SummaryRow[] {
  const nameOf = summaryNames(runs);
  const ids = metrics.map(({ id }) => id);
  const groups = [...groupSeeds(runs.filter(isTrained), settingsOf)];
  const rows = groups.map(([key, members]): SummaryRow => {
    const [summary] = summarise(
      members.map((run) => toCompared(run, split)),
      ids,
    );
    return { summary, key, ids: members.map(({ id }) => id), name: nameOf(summary) };
  });
  return rows.sort((a, b) => a.summary.budget - b.summary.budget);
}

/** Mean ± standard deviation over seeds, of every metric of the task. */
export function summaryMarkdown(runs: readonly RunRecord[], split: EvaluatedSplit): string {
  const [first] = runs;
  if (!first) return '';
  const metrics = metricTable.filter(({ task }) => task === first.result.task);
  const rows = summarise(
    runs.filter(isTrained).map((run) => toCompared(run, split)),
    metrics.map(({ id }) => id),
  );
  return formatSummary(rows, metrics, 'markdown', summaryNames(runs));
}

/** Budgets have a column of their own. */
function summaryNames(runs: readonly RunRecord[]): (summary: SeedSummary) => string {
  const differing = differingSettings(runs.map(settingsOf));
  return ({ settings }) => nameAmong(differing, settings);
}

function toCompared(run: RunRecord, split: EvaluatedSplit): ComparedRun {
  const { settings, bytes, msPerStep, metrics } = run.result;
  const values = metricTable.map(({ id }) => [id, readMetric(metrics[split], id)] as const);
  return {
    settings,
    conclusive: isConclusive(run),
    parameters: storedParameters(run.result),
    modelBytes: bytes.parameter,
    trainingBytes: totalBytes(bytes),
    msPerStep,
    metrics: Object.fromEntries(values),
  };
}
