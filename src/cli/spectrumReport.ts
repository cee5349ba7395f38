import { fitDecay } from '../analysis/spectrum.ts';
import type { FieldReport } from '../training/spectrum/fieldReport.ts';
import type { RunDescription } from '../training/weights/runFile.ts';
import { writeCount } from '../quantities/quantities.ts';

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
export function printField(report: FieldReport, json: boolean, isFirst: boolean): void {
  process.stdout.write(json ? `${JSON.stringify({ event: 'field', ...report })}\n` : textOf(report, isFirst));
}

/** What all fields suggest together, beside the α in use. */
export function printRun(
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

function textOf(report: FieldReport, isFirst: boolean): string {
  const { field, rows, dims, singularValues, betaError = Number.NaN, surprises } = report;
  const error = Number.isNaN(betaError) ? '' : ` ± ${betaError.toFixed(2)}`;
  const cells = [
    field,
    writeCount(rows),
    dims.length > 4 ? `${dims.slice(0, 3).join(',')},…` : dims.join(),
    String(report.rank90),
    String(report.rank99),
    report.stableRank.toFixed(1),
    String(report.weightedRank90),
    String(report.weightedRank99),
    report.beta === undefined ? '–' : `${report.beta.toFixed(2)}${error}`,
    report.suggestedAlpha?.toFixed(2) ?? '–',
  ];
  const standOut = surprises.map(
    ({ value, row, leverage, leverageRank, popularityRank, lookups }) =>
      `    ${value === null ? `id ${row}` : `“${value}”`}: leverage ${leverage.toFixed(3)}, rank ${leverageRank}, looked up ${writeCount(lookups)} times, rank ${writeCount(popularityRank)}`,
  );
  const values = `    σ ${singularValues
    .slice(0, report.rank)
    .map((value) => value.toPrecision(3))
    .join(' ')}`;
  const header = isFirst ? [rowOf(columns)] : [];
  return `${[...header, rowOf(cells), values, ...standOut].join('\n')}\n`;
}

function rowOf(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('');
}
