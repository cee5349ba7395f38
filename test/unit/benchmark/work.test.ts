import { describe, expect, test } from 'vitest';
import { type BenchmarkCase, benchmarkCases } from '../../../src/benchmark/cases.ts';
import { kernelColumns, kernelRows, resultCells, resultColumns } from '../../../src/benchmark/report.ts';
import type { BenchmarkResult } from '../../../src/benchmark/result.ts';
import { type Work, workOf } from '../../../src/benchmark/work.ts';
import { createWorkload } from '../../../src/benchmark/workload.ts';

const small = benchmarkCases.find(({ name }) => name === 'small')!;
const [uniform4, mixed4] = ['uniform', 'mixed-dimension'].map((method) =>
  benchmarkCases.find(({ name }) => name === `budget-4-${method}`)!,
);

/** 3 examples, 4 numbers, 2 fields of 5 and 50 rows: bottom 4-8-D, top (D + 3)-6-1. */
function tiny(dims: BenchmarkCase['dims']) {
  const shape = { batch: 3, numericColumns: 4, bottomMlp: [8], topMlp: [6], cardinalities: [5, 50] };
  const { program, spec } = createWorkload({ ...small, ...shape, dims });
  const work = workOf(program.sections.train, Uint32Array.of(0, 6, 4, 6, 0, 6));
  return { work, allocation: spec.allocation };
}

/** Multiply-adds of a step of one example. */
function multiplyAdds(benchmark: BenchmarkCase): number {
  const { program, batches } = createWorkload({ ...benchmark, batch: 1 });
  return workOf(program.sections.train, batches[0].ids).reduce((sum, each) => sum + each.multiplyAdds, 0);
}

describe('the work of a step', () => {
  test('is counted by hand for a tiny DLRM', () => {
    const D = 2;
    const { work } = tiny({ method: 'uniform', alpha: 0, baseDim: D });
    const layers = 4 * 8 + 8 * D + (D + 3) * 6 + 6 * 1;
    const product = (kind: Work['kind'], ofOne: number): Work => {
      return { kind, multiplyAdds: 3 * ofOne, bytes: 0 };
    };
    expect(work).toHaveLength(7);
    expect(work).toEqual(
      expect.arrayContaining([
        product('linear', layers),
        product('linear-backward-weight', layers),
        product('linear-backward-input', layers - 4 * 8),
        product('interact', 3 * D),
        product('interact-backward', 2 * 3 * D),
        { kind: 'gather', multiplyAdds: 0, bytes: 2 * 4 * 3 * 2 * D },
        // Rows 0 and 4 of the first field, 6 of the second.
        { kind: 'embedding-update', multiplyAdds: 0, bytes: 4 * 3 * 2 * D + 2 * 4 * 3 * D },
      ]),
    );
  });

  test('has every projection three times', () => {
    const { work, allocation } = tiny({ method: 'mixed-dimension', alpha: 0.5, budget: 120 });
    const { baseDim, blocks } = allocation;
    const projected = blocks.map(({ dim }) => dim).filter((dim) => dim < baseDim);
    expect(projected).toHaveLength(1);
    for (const kind of ['project', 'project-backward-input', 'project-backward-weight'] as const)
      expect(work).toContainEqual({ kind, multiplyAdds: 3 * projected[0] * baseDim, bytes: 0 });
  });

  // What no kernel can make up for: see “What mixed dimension asks for” in test/bench/README.md.
  test('of mixed dimension grows with the budget faster than that of uniform', () => {
    const ratio = (floats: number): number => {
      const budget = (floats / 4) * (uniform4.dims as { readonly budget: number }).budget;
      const [uniform, mixed] = [uniform4, mixed4].map((each) =>
        multiplyAdds({ ...each, dims: { ...each.dims, budget } as BenchmarkCase['dims'] }),
      );
      return mixed / uniform;
    };
    expect([1, 2, 4, 8, 16].map((floats) => Number(ratio(floats).toFixed(2)))).toEqual([
      1, 1.03, 1.09, 1.25, 1.58,
    ]);
  });
});

describe('a result', () => {
  const result: BenchmarkResult = {
    case: 'tiny',
    library: 'dimmer',
    backend: 'webgpu',
    batch: 3,
    rows: 7,
    medianMs: 2,
    minMs: 1,
    maxMs: 3,
    lossesAgree: null,
    adapter: 'none',
    version: '',
    outcome: 'measured',
    message: null,
    stepsCompared: 20,
    largestDifference: null,
    rounds: 3,
    stepsPerRound: 20,
    work: [
      { kind: 'linear', multiplyAdds: 3e6, bytes: 0 },
      { kind: 'gather', multiplyAdds: 0, bytes: 5e6 },
    ],
    dispatchesPerStep: 3,
    startMs: 1,
    allocatedBytes: 1e6,
    kernels: [
      { label: 'gather embedding.stored', gpuMs: 0.25 },
      { label: 'linear bottom.0.out', gpuMs: 0.5 },
      { label: 'linear top.0.out', gpuMs: 0.25 },
    ],
  };

  test('says at what rate the products of a step were done', () => {
    expect(resultCells(result)[resultColumns.indexOf('GFLOP/s')]).toBe('3.00');
    expect(resultCells({ ...result, medianMs: null }).at(-1)).toBe('');
  });

  test('has for every kind of kernel its share, and the rate it was done at', () => {
    expect(kernelColumns).toEqual(['kernel', 'dispatches', 'ms', 'share', 'GFLOP/s', 'GB/s']);
    expect(kernelRows(result)).toEqual([
      ['linear', '2', '0.750', '75 %', '8.00', ''],
      ['gather', '1', '0.250', '25 %', '', '20.0'],
    ]);
    expect(kernelRows({ ...result, kernels: null })).toEqual([]);
  });
});
