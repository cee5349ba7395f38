import { fitDecay, numericalRank, rankKeeping, stableRank } from '../analysis/spectrum.ts';
import type { RankedRow } from '../analysis/surprisingRows.ts';
import { readName, type ValueNames } from '../data/valueNames.ts';
import type { RunDescription } from '../training/runFile.ts';

/** What is told of a field. */
export interface FieldReport {
  readonly name: string;
  readonly rows: number;
  /** Of its blocks. */
  readonly dims: readonly number[];
  readonly singularValues: Float64Array;
  readonly weightedValues: Float64Array;
  /** What singular values are off by as a rule, as a share of them: see typicalError. */
  readonly typicalError: number;
  readonly surprises: readonly SurprisingRow[];
}

interface SurprisingRow extends RankedRow {
  readonly lookups: number;
  readonly value: string | null;
}

const columns = [
  'field',
  'rows',
  'dims',
  '90 %',
  '99 %',
  'stable',
  'seen 90 %',
  'seen 99 %',
  'β',
  'α',
] as const;
const widths = [12, 11, 12, 6, 6, 7, 10, 10, 12, 6];

/** A line on stdout, and one for every row that stands out. */
export function reportField(report: FieldReport, json: boolean, isFirst: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(lineOf(report))}\n` : textOf(report, isFirst));
}

/** What all fields suggest together, beside the α in use. */
export function reportRun(
  reports: readonly FieldReport[],
  { settings, allocation }: RunDescription,
  json: boolean,
): void {
  const decay = fitDecay(reports.map(({ singularValues }) => singularValues));
  if (json) {
    const line = {
      event: 'run',
      beta: decay?.beta,
      betaError: decay?.betaError,
      suggestedAlpha: decay?.alpha,
      alpha: allocation.alpha,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const error = Math.max(0, ...reports.map(({ typicalError }) => typicalError));
  const lines = [
    decay
      ? `All fields: β ${decay.beta.toFixed(2)} ± ${decay.betaError.toFixed(2)}, which suggests α = ${decay.alpha.toFixed(2)}; in use: ${settings.method}, α = ${allocation.alpha.toFixed(2)}.`
      : 'No field has two singular values: there is no decay to fit.',
    '“seen” weighs rows by their lookups. σ_k ∝ k^−β; α = 1/(2β) (Ginart et al. 2019).',
    ...(error > 0
      ? [`Long tables were sketched: singular values are within about ${(100 * error).toFixed(0)} %.`]
      : []),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

function lineOf(report: FieldReport) {
  const { name, rows, dims, singularValues, weightedValues, typicalError, surprises } = report;
  const decay = fitDecay([singularValues]);
  return {
    event: 'field',
    field: name,
    rows,
    dims,
    singularValues: [...singularValues],
    rank90: rankKeeping(singularValues, 0.9),
    rank99: rankKeeping(singularValues, 0.99),
    stableRank: stableRank(singularValues),
    weightedValues: [...weightedValues],
    weightedRank90: rankKeeping(weightedValues, 0.9),
    weightedRank99: rankKeeping(weightedValues, 0.99),
    beta: decay?.beta,
    betaError: decay?.betaError,
    suggestedAlpha: decay?.alpha,
    typicalError,
    surprises,
  };
}

function textOf(report: FieldReport, isFirst: boolean): string {
  const line = lineOf(report);
  const { dims, singularValues, surprises } = report;
  const error = Number.isNaN(line.betaError) ? '' : ` ± ${line.betaError?.toFixed(2)}`;
  const cells = [
    line.field,
    line.rows.toLocaleString('en'),
    dims.length > 4 ? `${dims.slice(0, 3).join(',')},…` : dims.join(),
    String(line.rank90),
    String(line.rank99),
    line.stableRank.toFixed(1),
    String(line.weightedRank90),
    String(line.weightedRank99),
    line.beta === undefined ? '–' : `${line.beta.toFixed(2)}${error}`,
    line.suggestedAlpha?.toFixed(2) ?? '–',
  ];
  const rows = surprises.map(
    ({ value, row, leverage, leverageRank, popularityRank, lookups }) =>
      `    ${value === null ? `id ${row}` : `“${value}”`}: leverage ${leverage.toFixed(3)}, rank ${leverageRank}, looked up ${lookups.toLocaleString('en')} times, rank ${popularityRank.toLocaleString('en')}`,
  );
  const values = `    σ ${Array.from(singularValues.subarray(0, numericalRank(singularValues)), (value) => value.toPrecision(3)).join(' ')}`;
  const header = isFirst ? [rowOf(columns)] : [];
  return `${[...header, rowOf(cells), values, ...rows].join('\n')}\n`;
}

function rowOf(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('');
}

/** null: nobody kept it, or the id stands for several. */
export function nameOf(names: ValueNames | undefined, id: number): string | null {
  return (names && readName(names, id)) || null;
}
