import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import type { Interval } from '../charts/ticks.ts';

/** Singular values from the largest on, as lines on log axes: the k-th stands at k. */
export interface SpectrumLine {
  readonly values: readonly number[];
  /** What a value is as a rule, and at most, from its sketch. Both are the value itself where it is exact. */
  readonly typical: readonly Interval[];
  readonly bounds: readonly Interval[];
}

/** What the chart of a spectrum shows, in data units. */
export interface SpectrumData {
  readonly plain: SpectrumLine;
  readonly weighted: SpectrumLine;
  /** c·k^−β at the first and the last k. null: there is no β. */
  readonly fitted: Interval | null;
  readonly x: Interval;
  readonly y: Interval;
}

export function composeSpectrum(report: FieldReport): SpectrumData {
  const { rank, weightedRank, dims, singularValues, weightedValues } = report;
  const plain = lineOf(singularValues.slice(0, rank), report);
  const weighted = lineOf(weightedValues.slice(0, weightedRank), report);
  const shown = [plain, weighted].flatMap(({ typical }) => typical.flat()).filter(isPositive);
  return {
    plain,
    weighted,
    fitted: fittedEnds(plain.values, report.beta),
    x: [0.85, 1.18 * Math.max(2, rank, ...dims)],
    y: shown.length > 0 ? widened([Math.min(...shown), Math.max(...shown)]) : [0.1, 1],
  };
}

const isPositive = (value: number): boolean => value > 0;

function lineOf(
  values: readonly number[],
  { typicalError, distortion }: Pick<FieldReport, 'typicalError' | 'distortion'>,
): SpectrumLine {
  const [low, high] = [Math.sqrt(Math.max(0, 1 - distortion)), Math.sqrt(1 + distortion)];
  return {
    values,
    typical: values.map((value) => [value * (1 - typicalError), value * (1 + typicalError)]),
    bounds: values.map((value) => [value * low, value * high]),
  };
}

/** The line of slope −β through the mean of (log k, log σ_k): least squares. */
function fittedEnds(values: readonly number[], beta: number | undefined): Interval | null {
  if (beta === undefined) return null;
  const sum = values.reduce((total, value, k) => total + Math.log(value) + beta * Math.log(k + 1), 0);
  const first = Math.exp(sum / values.length);
  return [first, first * values.length ** -beta];
}

const STEPS_A_DECADE = 3;

/** To thirds of a decade, with some room: the axes stand still while values move a little. */
function widened([low, high]: Interval): Interval {
  const step = (value: number): number => STEPS_A_DECADE * Math.log10(value);
  return [
    10 ** (Math.floor(step(0.95 * low)) / STEPS_A_DECADE),
    10 ** (Math.ceil(step(1.05 * high)) / STEPS_A_DECADE),
  ];
}

/** 1, 2, 4, … as far as the axis goes. */
export function powersOfTwo([, high]: Interval): number[] {
  return Array.from({ length: Math.floor(Math.log2(high)) + 1 }, (_, i) => 2 ** i);
}
