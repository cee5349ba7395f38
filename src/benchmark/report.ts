import type { KernelTime } from '../backend/webgpu/profile.ts';
import type { BenchmarkResult } from './result.ts';

export const resultColumns = [
  'case',
  'library',
  'backend',
  'ms / step',
  'min – max',
  'losses',
  'dispatches',
  'MB',
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
  ];
}

/** GitHub's tables. */
export function toMarkdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map(markdownRow).join('\n');
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** GPU time by kind of dispatch (the first word of its label), largest first. */
export function kernelTotals(kernels: readonly KernelTime[]): readonly {
  readonly kind: string;
  readonly dispatches: number;
  readonly gpuMs: number;
}[] {
  const totals = new Map<string, { readonly kind: string; dispatches: number; gpuMs: number }>();
  for (const { label, gpuMs } of kernels) {
    const [kind] = label.split(' ');
    const total = totals.get(kind) ?? { kind, dispatches: 0, gpuMs: 0 };
    total.dispatches++;
    total.gpuMs += gpuMs;
    totals.set(kind, total);
  }
  return [...totals.values()].toSorted((a, b) => b.gpuMs - a.gpuMs);
}

function formatMs(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3);
}
