import { describe, expect, test } from 'vitest';
import { BackendError } from '../../../src/backend/backend.ts';
import { benchmarkCases, type ContenderId } from '../../../src/benchmark/cases.ts';
import type { Contender } from '../../../src/benchmark/workload.ts';
import { isFailure, median } from '../../../src/benchmark/result.ts';
import { runSeries } from '../../../src/benchmark/runSeries.ts';
import type { GpuWatch } from '../../../src/benchmark/watchGpu.ts';

const small = benchmarkCases.find(({ name }) => name === 'small')!;
const options = { rounds: 3, roundMs: 0, patienceMs: 10_000 };
type Loss = (step: number) => number;
const falling: Loss = (step) => 1 / (step + 2);

/** Contenders that only pretend to train; `log` has their names in the order of their turns. */
async function compete(
  contenders: Partial<Record<ContenderId, Loss | Error>>,
  watch: Partial<GpuWatch> = {},
) {
  const log: ContenderId[] = [];
  const quiet: GpuWatch = {
    own() {},
    errorsOf: () => [],
    settled: () => Promise.resolve(),
    countDispatches: async (work) => {
      await work();
      return 7;
    },
    ...watch,
  };
  const start = async (id: ContenderId): Promise<Contender> => {
    const loss = contenders[id]!;
    if (loss instanceof Error) throw loss;
    let step = 0;
    return {
      version: 'fake',
      async train(count) {
        log.push(id);
        step += count;
        return loss(step - 1);
      },
      destroy() {},
    };
  };
  const environment = { watch: quiet, gpuAdapter: 'none', start };
  const cases = [{ benchmark: small, contenders: Object.keys(contenders) as ContenderId[] }];
  const results = await runSeries({ cases, options }, environment, () => {});
  return { results, log };
}

describe('a case', () => {
  test('is measured when the losses agree', async () => {
    const { results } = await compete({ 'dimmer/webgpu': falling, 'jax-js/webgpu': falling });
    for (const result of results) {
      expect(result).toMatchObject({ outcome: 'measured', lossesAgree: true, stepsCompared: 20, rounds: 3 });
      expect(result.minMs!).toBeLessThanOrEqual(result.medianMs!);
      expect(result.medianMs!).toBeLessThanOrEqual(result.maxMs!);
    }
    expect(results.map((each) => [each.library, each.backend])).toEqual([
      ['dimmer', 'webgpu'],
      ['jax-js', 'webgpu'],
    ]);
  });

  test('fails without a time when one loss of the first 20 differs', async () => {
    const once: Loss = (step) => falling(step) * (step === 19 ? 1.001 : 1);
    const { results } = await compete({ 'dimmer/webgpu': falling, 'tfjs/webgpu': once });
    expect(results[0]).toMatchObject({ outcome: 'measured', lossesAgree: true });
    expect(results[1]).toMatchObject({ outcome: 'disagrees', lossesAgree: false, medianMs: null });
    expect(results[1].message).toMatch(/differ from those of dimmer\/webgpu by up to 1\.0e-3/);
    expect(results.map(isFailure)).toEqual([false, true]);
  });

  test('takes no loss that is not a number for agreement', async () => {
    const { results } = await compete({ 'dimmer/webgpu': falling, 'tfjs/webgpu': () => NaN });
    expect(results[1].outcome).toBe('disagrees');
    const both = await compete({ 'dimmer/webgpu': () => NaN, 'tfjs/webgpu': () => NaN });
    expect(both.results.map(({ outcome }) => outcome)).toEqual(['disagrees', 'disagrees']);
  });

  test('goes on with the others when one cannot start', async () => {
    const { results } = await compete({
      'tfjs/webgpu': new Error('no such kernel'),
      'jax-js/wasm': new RangeError('Array buffer allocation failed'),
      'dimmer/webgpu': new BackendError('out-of-memory', 'no memory left', ''),
      'dimmer/cpu': falling,
    });
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'does not fit',
      'does not fit',
      'measured',
    ]);
    expect(results[3].lossesAgree).toBeNull();
  });

  test('fails with an uncaptured GPU error, however good the losses', async () => {
    const error = { message: 'a binding is too large' } as GPUError;
    const { results } = await compete(
      { 'dimmer/webgpu': falling, 'tfjs/webgpu': falling },
      { errorsOf: (owner) => (owner === 'small tfjs/webgpu' ? [error] : []) },
    );
    expect(results[0].outcome).toBe('measured');
    expect(results[1]).toMatchObject({ outcome: 'failed', message: error.message, medianMs: null });
  });

  test('gives every contender every place in the rounds', async () => {
    const { log } = await compete({
      'dimmer/webgpu': falling,
      'tfjs/webgpu': falling,
      'jax-js/webgpu': falling,
    });
    const ids = ['dimmer/webgpu', 'tfjs/webgpu', 'jax-js/webgpu'];
    expect(log.slice(-9)).toEqual([0, 1, 2, 1, 2, 0, 2, 0, 1].map((place) => ids[place]));
  });
});

test('a median is the middle, or the mean of the two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
