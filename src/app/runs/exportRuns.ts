import { totalBytes } from '../../program/memory.ts';
import { settingTable, type Settings } from '../../settings/settings.ts';
import { type EvaluatedSplit, metricTable, readMetric } from '../accuracy/metrics.ts';
import { reportCells } from './reportCells.ts';
import { type RunRecord } from './runRecord.ts';
import { summaryMarkdown } from './seedGroups.ts';
import { storedParameters } from '../../training/events/events.ts';

export type RunFormat = 'json' | 'csv' | 'markdown';

type Cell = string | number | undefined;

/** One line per run with its settings, sizes and metrics. Markdown has one line per setting, with means over seeds. */
export function exportRuns(
  runs: readonly RunRecord[],
  format: RunFormat,
  split: EvaluatedSplit = 'test',
): string {
  if (format === 'markdown') return summaryMarkdown(runs, split);
  if (format === 'json') return `${JSON.stringify(runs.map(withoutCurves), null, 2)}\n`;
  const rows = runs.map(toRow);
  const columns = rows.length > 0 ? Object.keys(rows[0]) : [];
  return `${[columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => cells.map(quoteCell).join(','))
    .join('\n')}\n`;
}

function withoutCurves({ id, name, createdAt, madeOf, result }: RunRecord): object {
  return { id, name, createdAt: new Date(createdAt).toISOString(), madeOf, ...result };
}

function toRow({ id, name, createdAt, madeOf, result }: RunRecord): Record<string, Cell> {
  const row: Record<string, Cell> = {
    name,
    createdAt: new Date(createdAt).toISOString(),
    dataset: result.datasetName,
    reason: result.reason,
    embeddingLayerParameters: storedParameters(result),
    otherParameters: result.otherParameters,
    baseDim: result.allocation.baseDim,
    dims: result.allocation.dims.join(' '),
    trainingBytes: totalBytes(result.bytes),
  };
  for (const split of ['train', 'validation', 'test'] as const)
    for (const { id } of metricTable) row[`${split}.${id}`] = readMetric(result.metrics[split], id);
  Object.assign(row, reportCells(result));
  for (const key of Object.keys(settingTable) as (keyof Settings)[])
    row[key] = result.settings[key] ?? undefined;
  const { steps, bestStep, seconds, msPerStep, backend, adapter, compressed } = result;
  const made = { id, madeOf, compressedBy: compressed?.by, lostEnergy: compressed?.lostEnergy };
  return { ...row, steps, bestStep, seconds, msPerStep, backendUsed: backend, adapter, ...made };
}

/** What a spreadsheet takes for the beginning of a formula, full-width forms included, or skips before one. */
const FORMULA_START = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers. */
function quoteCell(cell: Cell): string {
  const text = String(cell ?? '');
  const isFormula = typeof cell === 'string' && FORMULA_START.test(text) && !isNumber(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function isNumber(text: string): boolean {
  return text.trim() === text && Number.isFinite(Number(text));
}
