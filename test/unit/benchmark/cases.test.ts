import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gpuTuning, softwareTuning } from '../../../src/backend/webgpu/tuning.ts';
import { lowerProgram } from '../../../src/backend/webgpu/lowering.ts';
import {
  type BenchmarkCase,
  benchmarkCases,
  quickCases,
  withOptimizer,
} from '../../../src/benchmark/cases.ts';
import { JAX_VERSION } from '../../../src/benchmark/peers/jax.ts';
import { lowerTriangle, stackTables } from '../../../src/benchmark/peers/stackTables.ts';
import { createWorkload, initialParameter, tablesOfOneDim } from '../../../src/benchmark/workload.ts';

const named = (name: string): BenchmarkCase => benchmarkCases.find((each) => each.name === name)!;

function count(benchmark: BenchmarkCase, tuning = gpuTuning): number {
  return lowerProgram(createWorkload(benchmark).program, tuning).dispatches.train.length;
}

/** Of the first field, over all batches. */
function uniqueIds(name: string): { readonly unique: number; readonly largest: number } {
  const { batches, spec } = createWorkload(named(name));
  const column = batches.flatMap(({ ids }) => [...ids].filter((_, i) => i % spec.cardinalities.length === 0));
  return { unique: new Set(column).size, largest: Math.max(...column) };
}

describe('dispatches of a step', () => {
  test('are as many for 4, 26 and 100 fields on the software adapter', () => {
    const counts = [4, 26, 100].map((fields) => count(named(`fields-${fields}`), softwareTuning));
    expect(new Set(counts).size, String(counts)).toBe(1);
  });

  // A wide enough matmul needs no split of its sum, which is one dispatch fewer.
  test('do not grow with fields on a GPU', () => {
    const counts = [4, 26, 100].map((fields) => count(named(`fields-${fields}`), gpuTuning));
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(counts[0] - counts[2], String(counts)).toBeLessThanOrEqual(2);
  });

  test('are as many for 1,000 and 10,000 rows', () => {
    expect(count(named('rows-1k'))).toBe(count(named('rows-10k')));
  });
});

describe('the cases', () => {
  test('have names of their own', () => {
    expect(new Set(benchmarkCases.map(({ name }) => name)).size).toBe(benchmarkCases.length);
    expect(quickCases.length).toBeGreaterThan(3);
  });

  test('of growing rows look up as many distinct rows, spread over the whole table', () => {
    const [few, many] = ['rows-1k', 'rows-100k'].map(uniqueIds);
    expect(many.unique).toBe(few.unique);
    expect(many.largest).toBeGreaterThan(95_000);
  });

  test('of equal budget keep it, and mixed dimension has the larger D', () => {
    const [uniform, mixed] = ['budget-2-uniform', 'budget-2-mixed-dimension'].map(
      (name) => createWorkload(named(name)).spec.allocation,
    );
    expect(mixed.parameters).toBeLessThanOrEqual(mixed.budget!);
    expect(uniform.parameters).toBeLessThanOrEqual(mixed.budget!);
    expect(mixed.baseDim).toBeGreaterThan(uniform.baseDim);
  });
});

describe('what the peers are given', () => {
  test('is the same rows through stacked tables', () => {
    const workload = createWorkload({ ...named('small'), cardinalities: [5, 3, 7], batch: 4 });
    const { baseDim } = workload.spec.allocation;
    const [stack, ...others] = stackTables(workload);
    expect(others).toEqual([]);
    for (const [k, { ids }] of workload.batches.entries()) {
      for (const [lookup, id] of ids.entries()) {
        const { values } = initialParameter(workload, `embedding.table.${lookup % 3}`);
        const row = stack.ids[k][lookup];
        expect(stack.values.slice(row * baseDim, (row + 1) * baseDim)).toEqual(
          values.slice(id * baseDim, (id + 1) * baseDim),
        );
      }
    }
  });

  test('is the strict lower triangle row by row', () => {
    expect([...lowerTriangle(4)]).toEqual([4, 8, 9, 12, 13, 14]);
  });

  test('is reported under the version that is installed', () => {
    const { version } = JSON.parse(readFileSync('node_modules/@jax-js/jax/package.json', 'utf8'));
    expect(JAX_VERSION).toBe(version);
  });
});

describe('another optimiser', () => {
  test('is in the name of a case, and what is trained with', () => {
    const adagrad = withOptimizer(named('small'), 'adagrad');
    expect(adagrad.name).toBe('small-adagrad');
    expect(createWorkload(adagrad).spec.optimizer.kind).toBe('adagrad');
    expect(withOptimizer(named('small'), 'sgd')).toBe(named('small'));
    expect(() => withOptimizer(named('small'), 'adam')).toThrow(RangeError);
  });
});

describe('PyTorch gets', () => {
  test('the cases whose tables have one dim', () => {
    expect(tablesOfOneDim(named('kaggle-128-1k'))).toBe(16);
    expect(tablesOfOneDim(named('budget-4-uniform'))).toBe(4);
    expect(tablesOfOneDim(named('budget-4-mixed-dimension'))).toBeNull();
    expect(tablesOfOneDim(named('ratings'))).toBeNull();
  });
});
