import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import type { Settings } from '../../../src/settings/settings.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';
import { lossOf } from '../../../src/metrics/metrics.ts';
import {
  plannedChanges,
  RequestedChanges,
  type SizeChanges,
} from '../../../src/training/resize/sizeChanges.ts';
import { trainRun } from '../../../src/training/train.ts';
import { tinyDataset, tinySettings } from '../../unit/training/tinyDataset.ts';

async function collect(
  backend: Backend,
  own: Partial<Settings>,
  sizes?: SizeChanges,
  react: (event: TrainingEvent) => void = () => {},
) {
  const events: TrainingEvent[] = [];
  const run = trainRun({
    settings: { ...tinySettings, ...own },
    dataset: tinyDataset('click'),
    backend,
    ...(sizes && { sizes }),
  });
  for await (const event of run) {
    events.push(event);
    react(event);
  }
  const losses = events.flatMap((event) => (event.kind === 'progress' ? [...event.losses] : []));
  const resized = events.filter((event) => event.kind === 'resized');
  return { events, losses, resized };
}

describe('a run that changes its size on WebGPU', () => {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => gpu?.destroy());

  test.each([
    ['mixed dims, AMSGrad', { optimizer: 'amsgrad' }],
    ['uniform, row-wise Adagrad', { method: 'uniform', optimizer: 'adagrad' }],
    ['two blocks a field', { blocks: 2 }],
  ] as const)('goes the way of the CPU, larger and smaller: %s', async (_, own) => {
    const train = (backend: Backend) => {
      const planned = [
        { step: 10, budget: 1200 },
        { step: 25, budget: 200 },
      ];
      return collect(backend, own, plannedChanges(planned));
    };
    const [expected, actual] = [await train(createCpuBackend()), await train(gpu)];
    expect(actual.losses).toHaveLength(40);
    actual.losses.forEach((loss, i) => expect(Math.abs(loss - expected.losses[i])).toBeLessThan(1e-3));
    expect(actual.resized.map(({ allocation }) => allocation)).toEqual(
      expected.resized.map(({ allocation }) => allocation),
    );
    actual.resized.forEach(({ lostEnergy }, i) =>
      expect(lostEnergy).toBeCloseTo(expected.resized[i].lostEnergy, 4),
    );
    const [before, after] = actual.events.flatMap((event) =>
      event.kind === 'evaluation' && event.split === 'validation' && event.step === 10
        ? [lossOf(event.metrics)]
        : [],
    );
    expect(Math.abs(after - before)).toBeLessThan(1e-6 * before);
  });

  test.each([['amsgrad'], ['adagrad'], ['sgd']] as const)(
    'takes it back bit for bit: %s',
    async (optimizer) => {
      const plain = await collect(gpu, { optimizer });
      const changes = new RequestedChanges();
      let asked = false;
      const undone = await collect(gpu, { optimizer }, changes, (event) => {
        if (event.kind === 'evaluation' && event.step === 10 && !asked) {
          asked = true;
          changes.request({ kind: 'resize', budget: 150, alpha: 0.6 });
        }
        if (event.kind === 'resized' && !event.undone) changes.request({ kind: 'undo' });
      });
      expect(undone.resized.map((event) => event.undone)).toEqual([false, true]);
      expect(undone.losses).toEqual(plain.losses);
    },
  );
});
