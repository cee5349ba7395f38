import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { defaultSettings, type MethodId, type Settings } from '../../../src/settings/settings.ts';
import type { RunResult } from '../../../src/training/events/events.ts';
import { lossOf } from '../../../src/metrics/metrics.ts';
import { trainRun } from '../../../src/training/train.ts';
import { tinyDataset } from './tinyDataset.ts';

const settings: Settings = {
  ...defaultSettings,
  method: 'full',
  vectorDim: 8,
  batch: 48,
  epochs: 8,
  patience: 0,
  learningRate: 0.02,
};

async function train(changes: Partial<Settings>): Promise<RunResult> {
  const options = { settings: { ...settings, ...changes }, dataset: tinyDataset('click') };
  for await (const event of trainRun({ ...options, backend: createCpuBackend() }))
    if (event.kind === 'finished') return event.result;
  throw new Error('the run did not finish');
}

const words = (rows: number, dim: number, bits: number) => Math.ceil((rows * dim * bits) / 32) + 2 * rows;

describe('quantisation after training', () => {
  test.each([
    ['int8', 8, 0.01],
    ['int4', 4, 0.15],
  ] as const)(
    '%s: counts codes and two words a row, and says both losses',
    async (postTraining, bits, apart) => {
      const exact = await train({});
      const rounded = await train({ postTraining });
      expect(rounded.floatMetrics!.test).toEqual(exact.metrics.test);
      expect(rounded.floatMetrics!.validation).toEqual(exact.metrics.validation);
      expect(rounded.metrics.test).not.toEqual(exact.metrics.test);
      expect(lossOf(rounded.metrics.validation!)).toBeGreaterThan(0);
      expect(Math.abs(lossOf(rounded.metrics.test!) - lossOf(exact.metrics.test!))).toBeLessThan(apart);
      expect(exact.allocation.parameters).toBe(60 * 8);
      expect(rounded.stored!.parameters).toBe([7, 13, 40].reduce((sum, n) => sum + words(n, 8, bits), 0));
    },
  );

  test.each([
    'mixed-dimension',
    'hashing',
    'quotient-remainder',
    'robe',
    'prune',
    'pep',
    'tensor-train',
  ] as const)('makes what %s stores smaller, never larger', async (method: MethodId) => {
    const { allocation, stored, metrics, floatMetrics } = await train({
      method,
      budget: 300,
      postTraining: 'int8',
    });
    expect(stored!.parameters).toBeLessThan(allocation.parameters);
    expect(lossOf(metrics.test!)).toBeGreaterThan(0);
    expect(Math.abs(lossOf(metrics.test!) - lossOf(floatMetrics!.test!))).toBeLessThan(0.05);
  });

  test.each(['int8', 'deep-hash'] as const)(
    'of %s is refused: there are no tables of floats',
    async (method) => {
      await expect(train({ method, budget: 300, postTraining: 'int8' })).rejects.toThrow(/stores none/);
    },
  );
});
