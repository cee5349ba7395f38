import { methods } from '../../compression/methods.ts';
import type { Settings } from '../../settings/settings.ts';
import type { FieldReport, SpectrumSnapshot } from '../../training/spectrum/fieldReport.ts';
import { formatCount, formatDim } from '../shared/format.ts';

/** Of which weights, and how closely. */
export function describeMoment(run: string, { step, isBest, report }: SpectrumSnapshot): string {
  const best = step > 0 ? `best weights, of step ${formatCount(step)}` : 'weights before any step';
  const moment = isBest ? best : `step ${formatCount(step)}`;
  return [run, moment, ...(report ? [describePrecision(report)] : [])].join(' · ');
}

function describePrecision({ typicalError, rows }: FieldReport): string {
  return typicalError === 0
    ? `exact, from all ${formatCount(rows)} rows`
    : `sketched: σ within ${percent(typicalError)} as a rule`;
}

/** Of a sketch. */
export function describeBars({ typicalError, distortion }: FieldReport): string {
  return `wide ${percent(typicalError)}, thin ${percent(distortion)} of σ²`;
}

export function describeKept({ rank90, rank99, weightedRank90, weightedRank99 }: FieldReport): string {
  return `${rank90}, ${rank99} · as looked up ${weightedRank90}, ${weightedRank99}`;
}

export function describeDecay({ beta, betaError }: FieldReport): string {
  if (beta === undefined) return 'one value: there is none';
  const error = betaError === undefined || Number.isNaN(betaError) ? '' : ` ± ${betaError.toFixed(2)}`;
  return `${beta.toFixed(2)}${error}`;
}

/** The α that the decay suggests, beside the one in use. */
export function describeAlpha(
  { suggestedAlpha }: FieldReport,
  { method, alpha, allocation }: Pick<Settings, 'method' | 'alpha' | 'allocation'>,
): string {
  const suggested =
    suggestedAlpha === undefined
      ? '–'
      : `${suggestedAlpha.toFixed(2)}${suggestedAlpha === 1 ? ', capped' : ''}`;
  const hasAlpha = methods[method].hyperparameters.includes('alpha');
  const inUse = !hasAlpha ? `none, ${methods[method].label.toLowerCase()}` : alpha.toFixed(2);
  return `${suggested} · in use ${allocation === 'spectral' && hasAlpha ? 'none, dims by spectra' : inUse}`;
}

/** 7; 9, 7, 4; or 9 to 3 in 16 blocks. */
export function describeDims(dims: readonly number[]): string {
  if (dims.length <= 4) return dims.map(formatDim).join(', ');
  return `${formatDim(Math.max(...dims))} to ${formatDim(Math.min(...dims))} in ${dims.length} blocks`;
}

/** What a screen reader is told of the chart. */
export function describeChart(name: string, report: FieldReport): string {
  const { rank, rank90, rank99, dims } = report;
  return `Singular values of ${name} on a log scale: ${rank} of them, ${rank90} keep 90 % and ${rank99} keep 99 % of the energy; dims in use ${describeDims(dims)}; β ${describeDecay(report)}. The numbers are in the table beside it.`;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
