import { methods } from '../compression/methods.ts';
import { type MethodId, type Settings, settingTable } from '../settings/settings.ts';
import { groupSeeds, withOwnHyperparameters } from './hyperparameters.ts';
import { differenceToReference, formatDifference, type SeededValue } from './toReference.ts';

/** What a comparison needs to know of a run that is over. */
export interface ComparedRun {
  readonly settings: Settings & { readonly budget: number };
  /** Names it, where its examples can be compared too. */
  readonly run?: string;
  /** False: interrupted or diverged, no evidence of what its size can reach. */
  readonly conclusive: boolean;
  /** Really stored by the embedding layer. */
  readonly parameters: number;
  /** Bytes of all parameters of the model, and of all that training allocates. */
  readonly modelBytes: number;
  readonly trainingBytes: number;
  readonly msPerStep: number;
  /** Of the test split, by name. */
  readonly metrics: Readonly<Partial<Record<string, number>>>;
}

/** The seeds of one setting. */
export interface SeedSummary {
  readonly method: MethodId;
  readonly budget: number;
  readonly settings: Settings;
  readonly runs: number;
  readonly inconclusive: number;
  readonly parameters: number;
  readonly modelBytes: number;
  readonly trainingBytes: number;
  /** Of conclusive runs; null where there is none. */
  readonly msPerStep: Spread | null;
  readonly metrics: Readonly<Record<string, Spread | null>>;
  /** The values of conclusive runs, by metric: what another setting is paired with. */
  readonly values: Readonly<Record<string, readonly SeededValue[]>>;
}

/** One entry a setting, by budget, then in the order of first appearance. */
export function summarise(runs: readonly ComparedRun[], metrics: readonly string[]): readonly SeedSummary[] {
  const groups = [...groupSeeds(runs, (run) => run.settings).values()];
  return groups.map((group) => summariseSeeds(group, metrics)).sort((a, b) => a.budget - b.budget);
}

function summariseSeeds(group: readonly ComparedRun[], metrics: readonly string[]): SeedSummary {
  const [{ settings, parameters, modelBytes, trainingBytes }] = group;
  const conclusive = group.filter((run) => run.conclusive);
  const valuesOf = (metric: string): readonly SeededValue[] =>
    conclusive.flatMap(({ settings: { seed }, run, metrics: own }) =>
      Number.isFinite(own[metric]) ? [{ seed, run, value: own[metric]! }] : [],
    );
  const values = Object.fromEntries(metrics.map((metric) => [metric, valuesOf(metric)]));
  return {
    method: settings.method,
    budget: settings.budget,
    settings,
    runs: group.length,
    inconclusive: group.length - conclusive.length,
    parameters,
    modelBytes,
    trainingBytes,
    msPerStep: spreadOf(conclusive.map((run) => run.msPerStep)),
    metrics: Object.fromEntries(
      metrics.map((metric) => [metric, spreadOf(values[metric].map(({ value }) => value))]),
    ),
    values,
  };
}

export interface ShownMetric {
  readonly id: string;
  readonly label: string;
  readonly digits: number;
}

/** Names of two runs of one seed. */
export interface RunPair {
  readonly own: string;
  readonly reference: string;
}

/** How runs differ from their references over test examples, in words. */
export type OverExamples = (pairs: readonly RunPair[], digits: number) => string;

/** Mean ± standard deviation over seeds; `nameOf` tells settings apart that share a method. */
export function formatSummary(
  summaries: readonly SeedSummary[],
  metrics: readonly ShownMetric[],
  style: TableStyle,
  nameOf: (summary: SeedSummary) => string = ({ method }) => methods[method].label,
  overExamples?: OverExamples,
): string {
  const [first] = metrics;
  const hasReference = summaries.some(({ method }) => method === 'uniform');
  const against = hasReference
    ? [`${first.label} against uniform`, ...(overExamples ? ['the same over test examples'] : [])]
    : [];
  const head = ['method', 'budget', 'parameters', ...metrics.map(({ label }) => label), ...against];
  const rows = summaries.map((summary) => [
    nameOf(summary),
    formatCount(summary.budget),
    formatCount(summary.parameters),
    ...metrics.map(({ id, digits }) => orDash(summary.metrics[id], digits)),
    ...(hasReference ? againstUniform(summary, summaries, first, overExamples) : []),
    formatCount(summary.modelBytes),
    formatCount(summary.trainingBytes),
    orDash(summary.msPerStep, 2),
    summary.inconclusive > 0
      ? `${summary.runs - summary.inconclusive} of ${summary.runs}`
      : `${summary.runs}`,
  ]);
  return formatTable([[...head, 'model bytes', 'training bytes', 'ms/step', 'seeds'], ...rows], style, 1);
}

/** Paired by seed with uniform at the same budget and, where it reads them, the same settings. */
function againstUniform(
  summary: SeedSummary,
  summaries: readonly SeedSummary[],
  { id, digits }: ShownMetric,
  overExamples: OverExamples | undefined,
): readonly string[] {
  const none = overExamples ? ['–', '–'] : ['–'];
  if (summary.method === 'uniform') return none;
  const candidates = summaries.filter(
    ({ method, budget }) => method === 'uniform' && budget === summary.budget,
  );
  const uniform = nearestTo(summary.settings, candidates);
  const difference = uniform && differenceToReference(summary.values[id], uniform.values[id]);
  if (!difference) return none;
  const overSeeds = formatDifference(difference, digits);
  const pairs = pairRuns(summary.values[id], uniform.values[id]);
  return overExamples ? [overSeeds, overExamples(pairs, digits)] : [overSeeds];
}

/** Of equal seeds. */
function pairRuns(values: readonly SeededValue[], reference: readonly SeededValue[]): readonly RunPair[] {
  const others = new Map(reference.map(({ seed, run }) => [seed, run]));
  const own = new Map(values.map(({ seed, run }) => [seed, run]));
  return [...own].flatMap(([seed, run]) => {
    const other = others.get(seed);
    return run !== undefined && other !== undefined ? [{ own: run, reference: other }] : [];
  });
}

/** The one that differs in the fewest settings; of several the first. */
function nearestTo(settings: Settings, candidates: readonly SeedSummary[]): SeedSummary | undefined {
  const own = withOwnHyperparameters({ ...settings, method: 'uniform' });
  const distances = candidates.map(
    (candidate) => settingNames.filter((name) => candidate.settings[name] !== own[name]).length,
  );
  return candidates[distances.indexOf(Math.min(...distances))];
}

const settingNames = Object.keys(settingTable) as (keyof Settings)[];

const orDash = (spread: Spread | null | undefined, digits: number): string =>
  spread ? formatSpread(spread, digits) : '–';

const formatCount = (value: number): string => Math.round(value).toLocaleString('en');

export type TableStyle = 'text' | 'markdown';

/** The first row is the head. Columns after the first `textColumns` are numbers: aligned right. */
export function formatTable(
  rows: readonly (readonly string[])[],
  style: TableStyle,
  textColumns: number,
): string {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => lengthOf(row[column]))));
  const isText = (column: number): boolean => column < textColumns;
  const lines = rows.map((row) =>
    row.map((cell, column) => {
      const gap = ' '.repeat(widths[column] - lengthOf(cell));
      return isText(column) ? cell + gap : gap + cell;
    }),
  );
  if (style === 'text') return `${lines.map((cells) => cells.join('  ').trimEnd()).join('\n')}\n`;
  const rule = widths.map((width, column) =>
    isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return `${[lines[0], rule, ...lines.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

/** Characters, not code units. */
const lengthOf = (text: string): number => [...text].length;

/** Several values of the same thing: the seeds of one setting. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1); null for fewer than two values, which say nothing of it. */
  readonly deviation: number | null;
  readonly min: number;
  readonly max: number;
}

/** null for no values. Two passes: the values are close together and far from zero. */
export function spreadOf(values: readonly number[]): Spread | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : null;
  return { count, mean, deviation, min: Math.min(...values), max: Math.max(...values) };
}

/** 0.7631 ± 0.0041 */
export function formatSpread({ mean, deviation }: Spread, digits: number): string {
  const shown = mean.toFixed(digits);
  return deviation === null ? shown : `${shown} ± ${deviation.toFixed(digits)}`;
}
