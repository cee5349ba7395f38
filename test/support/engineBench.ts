import { BackendError } from '../../src/backend/backend.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { Random } from '../../src/random/random.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { Engine } from '../../src/worker/engine.ts';
import type { EngineReply } from '../../src/worker/protocol.ts';
import { RecordingBackend } from '../unit/training/recordingBackend.ts';
import { tinyDataset } from '../unit/training/tinyDataset.ts';
import { memoryCheckpoints } from './memoryCheckpoints.ts';

const noGpu = new BackendError('no-adapter', 'There is no adapter.', 'Use the CPU.');
/** Lets the thread read its messages. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An engine on a counted CPU, whose replies a test can wait for. */
export class EngineBench {
  readonly replies: EngineReply[] = [];
  readonly backend: RecordingBackend;
  readonly engine: Engine;
  /** Called at every rest with their number so far. */
  onRest: (rests: number) => void = () => {};
  rests = 0;
  #wake: () => void = () => {};

  constructor(dataset: Dataset) {
    this.backend = new RecordingBackend();
    this.engine = new Engine({
      post: (reply) => {
        this.replies.push(reply);
        this.#wake();
      },
      yieldThread: () => {
        this.onRest(++this.rests);
        return turn();
      },
      cpu: () => this.backend,
      webgpu: () => Promise.reject(noGpu),
      checkpoints: memoryCheckpoints(),
      checkpointMs: 0,
    });
    this.engine.handle({ type: 'dataset', dataset });
  }

  /** How a run or a compression ended. */
  async ended(runId: string): Promise<EngineReply> {
    for (;;) {
      const end = this.#endOf(runId);
      if (end) return end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  hasEnded(runId: string): boolean {
    return this.#endOf(runId) !== undefined;
  }

  #endOf(runId: string): EngineReply | undefined {
    return this.replies.find(
      (reply) =>
        ('runId' in reply && reply.runId === runId && endings.has(reply.type)) ||
        (reply.type === 'event' && reply.runId === runId && reply.event.kind === 'finished'),
    );
  }

  /** Resolves when the device holds nothing any more. */
  async freed(): Promise<void> {
    while (this.backend.liveExecutions > 0) await turn();
  }

  losses(runId: string): number[] {
    return this.replies.flatMap((reply) =>
      reply.type === 'event' && reply.runId === runId && reply.event.kind === 'progress'
        ? [...reply.event.losses]
        : [],
    );
  }

  async fileOf(asked: Settings): Promise<Blob> {
    this.engine.handle({ type: 'run', runId: 'model', settings: asked, note: '' });
    const finished = await this.ended('model');
    return (finished as Extract<EngineReply, { type: 'event' }>).file!;
  }
}

const endings: ReadonlySet<string> = new Set(['ended-early', 'compression-ended', 'failed']);

/** Of three fields with tables of so many rows. */
export function longTables(rows: number): Dataset {
  const tiny = tinyDataset('click', 3000);
  const random = new Random(1, 'long tables');
  const ids = Uint32Array.from({ length: 3 * 3000 }, () => random.below(rows));
  const fields = tiny.fields.map((field) => ({
    ...field,
    cardinality: rows,
    counts: new Uint32Array(rows).fill(1),
  }));
  return { ...tiny, fields, ids };
}
