import type { BenchmarkResult } from './result.ts';
import type { Work } from './work.ts';

export const resultColumns = [
  'case',
  'library',
  'backend',
  'ms / step',
  'min – max',
  'losses',
  'dispatches',
  'MB',
  'GFLOP/s',
] as const;

/** A result as cells of `resultColumns`. */
export function resultCells(result: BenchmarkResult): readonly string[] {
  const { medianMs, minMs, maxMs, lossesAgree, dispatchesPerStep, largestDifference, allocatedBytes } =
    result;
  const losses =
    lossesAgree === null
      ? 'alone'
      : `${lossesAgree ? 'agree' : 'differ'} (${largestDifference!.toExponential(0)}, ${result.stepsCompared} steps)`;
  return [
    result.case,
    result.library,
    result.backend,
    medianMs === null ? result.outcome : formatMs(medianMs),
    minMs === null || maxMs === null ? '' : `${formatMs(minMs)} – ${formatMs(maxMs)}`,
    result.outcome === 'measured' ? losses : (result.message ?? ''),
    dispatchesPerStep === null ? '' : String(dispatchesPerStep),
    allocatedBytes === null ? '' : (allocatedBytes / 1e6).toFixed(1),
    medianMs === null ? '' : formatRate(2 * sumOf(result.work, 'multiplyAdds'), medianMs),
  ];
}

/** GitHub's tables. */
export function toMarkdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map(markdownRow).join('\n');
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

export const kernelColumns = ['kernel', 'dispatches', 'ms', 'share', 'GFLOP/s', 'GB/s'] as const;

/** GPU time of a step by kind of dispatch (the first word of its label), as cells of `kernelColumns`, largest first. */
export function kernelRows({ kernels, work }: BenchmarkResult): readonly (readonly string[])[] {
  const totals = new Map<string, { dispatches: number; gpuMs: number }>();
  for (const { label, gpuMs } of kernels ?? []) {
    const [kind] = label.split(' ');
    const total = totals.get(kind) ?? { dispatches: 0, gpuMs: 0 };
    total.dispatches++;
    total.gpuMs += gpuMs;
    totals.set(kind, total);
  }
  const sum = [...totals.values()].reduce((ms, { gpuMs }) => ms + gpuMs, 0);
  return [...totals]
    .toSorted(([, a], [, b]) => b.gpuMs - a.gpuMs)
    .map(([kind, { dispatches, gpuMs }]) => {
      const own = work.filter((each) => each.kind === kind);
      return [
        kind,
        String(dispatches),
        gpuMs.toFixed(3),
        `${Math.round((100 * gpuMs) / sum)} %`,
        formatRate(2 * sumOf(own, 'multiplyAdds'), gpuMs),
        formatRate(sumOf(own, 'bytes'), gpuMs),
      ];
    });
}

function sumOf(work: readonly Work[], what: 'multiplyAdds' | 'bytes'): number {
  return work.reduce((sum, each) => sum + each[what], 0);
}

/** Thousand millions a second. */
function formatRate(count: number, ms: number): string {
  return count === 0 || ms === 0 ? '' : (count / ms / 1e6).toPrecision(3);
}

function formatMs(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3);
}
