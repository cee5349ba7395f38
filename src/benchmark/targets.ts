import type { ContenderId } from './cases.ts';
import type { BenchmarkResult } from './result.ts';

type Side = readonly [benchmark: string, contender: ContenderId | 'pytorch/cuda' | 'pytorch/cpu'];

/** What this engine claims: one time is at most so many times another of the same benchmark run. */
interface Target {
  readonly ours: Side;
  readonly theirs: Side;
  readonly atMost: number;
}

const gpu = (benchmark: string): Side => [benchmark, 'dimmer/webgpu'];
const cpu = (benchmark: string): Side => [benchmark, 'dimmer/cpu'];

const targets: readonly Target[] = [
  { ours: gpu('kaggle-128-1k'), theirs: ['kaggle-128-1k', 'jax-js/webgpu'], atMost: 0.5 },
  { ours: gpu('kaggle-128-1k'), theirs: ['kaggle-128-1k', 'tfjs/webgpu'], atMost: 0.12 },
  { ours: gpu('kaggle-128-100k'), theirs: ['kaggle-128-100k', 'jax-js/webgpu'], atMost: 0.25 },
  { ours: gpu('kaggle-128-100k'), theirs: ['kaggle-128-100k', 'tfjs/webgpu'], atMost: 0.01 },
  ...['10k', '100k', '500k', '1M'].flatMap((rows) =>
    [gpu, cpu].map((side) => ({ ours: side(`rows-${rows}`), theirs: side('rows-1k'), atMost: 1.15 })),
  ),
  ...[2, 4].flatMap((floats) =>
    [gpu, cpu].map((side) => ({
      ours: side(`budget-${floats}-mixed-dimension`),
      theirs: side(`budget-${floats}-uniform`),
      atMost: 1.1,
    })),
  ),
  ...['8bit', '4bit'].flatMap((bits) =>
    [gpu, cpu].map((side) => ({
      ours: side(`memory-512-${bits}`),
      theirs: side('memory-512-exact'),
      atMost: 1.15,
    })),
  ),
  { ours: cpu('kaggle-128-1k'), theirs: ['kaggle-128-1k', 'jax-js/wasm'], atMost: 1 },
  { ours: cpu('small'), theirs: ['small', 'pytorch/cpu'], atMost: 3 },
  ...['1k', '10k', '100k', '1M'].flatMap((rows) =>
    [128, 512, 2048].flatMap((batch) =>
      ['', '-adagrad'].map((optimizer): Target => {
        const name = `kaggle-${batch}-${rows}${optimizer}`;
        return { ours: gpu(name), theirs: [name, 'pytorch/cuda'], atMost: batch <= 512 ? 0.5 : 1 };
      }),
    ),
  ),
];

export interface TargetResult {
  readonly text: string;
  readonly ratio: number;
  readonly holds: boolean;
}

/** The targets that these results can judge. */
export function judgeTargets(results: readonly BenchmarkResult[]): readonly TargetResult[] {
  const timeOf = ([benchmark, contender]: Side): number | null =>
    results.find((each) => each.case === benchmark && `${each.library}/${each.backend}` === contender)
      ?.medianMs ?? null;
  return targets.flatMap(({ ours, theirs, atMost }) => {
    const [our, their] = [timeOf(ours), timeOf(theirs)];
    if (our === null || their === null) return [];
    const ratio = our / their;
    const text = `${ours.join(' ')} ÷ ${theirs.join(' ')}: ${ratio.toPrecision(3)}, at most ${atMost}`;
    return [{ text, ratio, holds: ratio <= atMost }];
  });
}

/**
 * Dispatches per step must not grow with the number of fields or rows (a few fewer are fine: a wide
 * matmul needs no split of its sum). The sentence that says where they do, or null.
 */
export function checkDispatches(results: readonly BenchmarkResult[]): string | null {
  const series = [
    ['fields-4', 'fields-26', 'fields-100'],
    ['rows-1k', 'rows-10k', 'rows-100k', 'rows-500k', 'rows-1M'],
  ];
  for (const names of series) {
    const counts = names.flatMap((name) => {
      const own = results.find(
        (each) => each.case === name && each.library === 'dimmer' && each.dispatchesPerStep,
      );
      return own ? [own.dispatchesPerStep!] : [];
    });
    if (counts.some((count, i) => i > 0 && count > counts[i - 1]))
      return `Dispatches per step grow from ${names[0]} on: ${counts.join(', ')}.`;
  }
  return null;
}
