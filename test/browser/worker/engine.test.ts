import { afterEach, describe, expect, test } from 'vitest';
import { type BackendId, defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import type { CompressionWayId } from '../../../src/compression/afterTraining.ts';
import type { CompressedResult, RunResult, TrainingEvent } from '../../../src/training/events/events.ts';
import { lossOf } from '../../../src/metrics/metrics.ts';
import type { BackendStatus, EngineReply, EngineRequest } from '../../../src/worker/protocol.ts';
import { tinyDataset } from '../../unit/training/tinyDataset.ts';

const settings: Settings = {
  ...defaultSettings,
  budget: 300,
  batch: 48,
  epochs: 4,
  evaluateEvery: 10,
  patience: 0,
};

/** The engine in its worker, as the page has it. */
class WorkerBench {
  readonly events: TrainingEvent[] = [];
  readonly #worker = new Worker(new URL('../../../src/worker/engine.ts', import.meta.url), {
    type: 'module',
  });
  #status: BackendStatus | undefined;
  #file: Blob | undefined;

  constructor(dataset = tinyDataset('click')) {
    this.#worker.postMessage({ type: 'dataset', dataset }, []);
  }

  get status(): BackendStatus | undefined {
    return this.#status;
  }

  train(asked: Settings): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#worker.addEventListener('error', (event) => reject(new Error(event.message)));
      this.#worker.addEventListener('message', ({ data }: MessageEvent<EngineReply>) => {
        if (data.type === 'backend') this.#status = data.status;
        if (data.type === 'failed') reject(new Error(data.failure.message));
        if (data.type !== 'event') return;
        this.events.push(data.event);
        this.#file = data.file ?? this.#file;
        if (data.event.kind === 'finished') resolve(data.event.result);
      });
      this.#worker.postMessage({ type: 'run', runId: 'a', settings: asked, note: '' }, []);
    });
  }

  /** Cancels a run as soon as it is asked for. Resolves with what the engine says of it. */
  cancel(asked: Settings): Promise<readonly EngineReply[]> {
    const replies: EngineReply[] = [];
    return new Promise((resolve, reject) => {
      this.#worker.addEventListener('message', ({ data }: MessageEvent<EngineReply>) => {
        if (!('runId' in data) || data.runId !== 'cancelled') return;
        replies.push(data);
        if (data.type === 'failed') reject(new Error(data.failure.message));
        if (data.type === 'ended-early' || (data.type === 'event' && data.event.kind === 'finished'))
          resolve(replies);
      });
      this.#worker.postMessage({ type: 'run', runId: 'cancelled', settings: asked, note: '' }, []);
      this.#worker.postMessage({ type: 'cancel' }, []);
    });
  }

  /** The run file of what was trained last. */
  get file(): Blob {
    return this.#file!;
  }

  compress(file: Blob, by: CompressionWayId, backend: BackendId): Promise<readonly CompressedResult[]> {
    const made: CompressedResult[] = [];
    return new Promise((resolve, reject) => {
      this.#worker.addEventListener('message', ({ data }: MessageEvent<EngineReply>) => {
        if (data.type === 'failed') reject(new Error(data.failure.message));
        if (data.type === 'event' && data.runId === backend && data.event.kind === 'compressed')
          made.push(data.event.result);
        if (data.type === 'compression-ended') resolve(made);
      });
      const compression = { by, budgets: [250], fineTuneSteps: 12 };
      const request: EngineRequest = { type: 'compress', runId: backend, file, backend, compression };
      this.#worker.postMessage(request, []);
    });
  }

  get losses(): number[] {
    return this.events.flatMap((event) => (event.kind === 'progress' ? [...event.losses] : []));
  }

  terminate(): void {
    this.#worker.terminate();
  }
}

describe('the engine in its worker', () => {
  let bench: WorkerBench;
  afterEach(() => bench.terminate());

  test('trains on the CPU and says why: there is only a software adapter', async () => {
    bench = new WorkerBench();
    const result = await bench.train(settings);
    expect(result).toMatchObject({ reason: 'completed', steps: 40, backend: 'cpu' });
    expect(bench.losses).toHaveLength(40);
    expect(bench.status).toMatchObject({ kind: 'cpu', fallback: { name: 'BackendError' } });
    expect(bench.status?.fallback?.message).toMatch(/software/);
  });

  test('trains on any WebGPU adapter when told to, to the CPU’s losses', async () => {
    bench = new WorkerBench();
    const result = await bench.train({ ...settings, backend: 'webgpu' });
    expect(result).toMatchObject({ reason: 'completed', steps: 40, backend: 'webgpu' });
    expect(bench.status).toMatchObject({ kind: 'webgpu', fallback: null });
    const onGpu = bench.losses;
    bench.terminate();

    bench = new WorkerBench();
    await bench.train({ ...settings, backend: 'cpu' });
    bench.losses.forEach((loss, i) => expect(Math.abs(loss - onGpu[i])).toBeLessThan(1e-3));
  });

  test('hears that a run is cancelled while its tables are drawn, and trains the next one', async () => {
    const tiny = tinyDataset('click');
    const rows = 500_000;
    const counts = new Uint32Array(rows).fill(1);
    const fields = tiny.fields.map((field) => ({ ...field, cardinality: rows, counts }));
    bench = new WorkerBench({ ...tiny, fields });
    const large = { ...settings, method: 'full', vectorDim: 32, budget: null, backend: 'cpu' } as const;
    expect(await bench.cancel(large)).toEqual([{ type: 'ended-early', runId: 'cancelled' }]);
    const next = await bench.train({ ...settings, budget: 3 * rows, backend: 'cpu', epochs: 1 });
    expect(next).toMatchObject({ reason: 'completed', steps: 10 });
  });

  test.each(['truncate', 'quantise', 'hash'] as const)(
    'makes of a model by %s on WebGPU what the CPU makes of it',
    async (by) => {
      bench = new WorkerBench();
      await bench.train({ ...settings, method: 'full', vectorDim: 8, budget: null, backend: 'webgpu' });
      const { file } = bench;
      const [onGpu, onCpu] = [
        await bench.compress(file, by, 'webgpu'),
        await bench.compress(file, by, 'cpu'),
      ];
      expect(onGpu.map(({ backend, steps }) => [backend, steps])).toEqual([
        ['webgpu', 0],
        ['webgpu', 12],
      ]);
      onCpu.forEach(({ backend, metrics, compressed }, i) => {
        expect(backend).toBe('cpu');
        expect(compressed.lostEnergy).toBeCloseTo(onGpu[i].compressed.lostEnergy, 5);
        for (const split of ['validation', 'test'] as const)
          expect(lossOf(metrics[split]!)).toBeCloseTo(lossOf(onGpu[i].metrics[split]!), 3);
      });
    },
  );
});
