import type { MemoryLimits } from '../data/source.ts';
import { GivenUp, Turns } from '../pieces/pieces.ts';
import type { Settings } from '../settings/settings.ts';
import type { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import { countFitting } from '../training/plan/planRun.ts';
import { lengthOfRun, type RunLength } from '../training/plan/runLength.ts';
import type { Backends } from './backends.ts';
import { toFailure } from './failure.ts';
import type { HeldDataset } from './heldDataset.ts';
import { MemoryEstimates, type PlanRequest } from './memoryEstimates.ts';
import type { EngineReply, EngineRequest, Failure } from './protocol.ts';

type PlanMemoryRequest = Extract<EngineRequest, { type: 'plan-memory' }>;

export interface PlanServices {
  post(reply: EngineReply): void;
  /** What this thread may hold; left out: nobody knows. */
  readonly memory?: MemoryLimits;
  /** Resolves after the thread has read its messages. */
  yieldThread(): Promise<void>;
}

const remedy = 'Start the run again; if it happens again, copy the diagnostics and report them.';

/** Answers what is asked of runs that are not trained yet: their memory, their length, how many have room. */
export class PlanAnswers {
  readonly #services: PlanServices;
  readonly #backends: Backends;
  readonly #data: HeldDataset;
  readonly #batchCache: DeviceBatchesCache;
  readonly #estimates: MemoryEstimates;
  #lastPlan = 0;

  constructor(services: PlanServices, backends: Backends, data: HeldDataset, batchCache: DeviceBatchesCache) {
    this.#services = services;
    this.#backends = backends;
    this.#data = data;
    this.#batchCache = batchCache;
    this.#estimates = new MemoryEstimates(batchCache);
  }

  /** The memory of a run, then what each change of its settings would make of it. A later request ends it unanswered. */
  async planMemory({ request, settings, changes }: PlanMemoryRequest): Promise<void> {
    const { post, yieldThread } = this.#services;
    this.#lastPlan = request;
    const fail = (error: unknown): void =>
      post({ type: 'no-memory-plan', request, failure: toFailure(error, remedy) });
    let means: Pick<PlanRequest, 'dataset' | 'backend' | 'memory'>;
    try {
      const backend = await this.#backends.open(settings.backend);
      means = { dataset: await this.#data.opened(), backend, memory: this.#services.memory };
    } catch (error) {
      return fail(error);
    }
    const pace = new Turns({ yieldThread, isGivenUp: () => this.#lastPlan !== request });
    try {
      const plan = await pace.work(this.#estimates.planning({ settings, ...means }));
      post({ type: 'memory-plan', request, plan });
    } catch (error) {
      if (error instanceof GivenUp) return;
      fail(error);
    }
    const totals: (number | null)[] = [];
    try {
      for (const change of changes) {
        await yieldThread();
        const changed = { settings: { ...settings, ...change }, ...means };
        totals.push(await pace.work(this.#estimates.totalling(changed)));
      }
    } catch (error) {
      if (error instanceof GivenUp) return;
      throw error;
    }
    post({ type: 'memory-changes', request, totals });
  }

  async tellLengths(settings: readonly Settings[]): Promise<void> {
    let lengths: readonly RunLength[] | Failure;
    try {
      const dataset = await this.#data.opened();
      lengths = settings.map((each) => lengthOfRun(each, dataset, each.backend ?? 'cpu'));
    } catch (error) {
      lengths = toFailure(error, remedy);
    }
    this.#services.post({ type: 'lengths', lengths });
  }

  /** Without room for one more run, or for a run at all, one is trained at a time. */
  async findRoom(settings: Settings): Promise<void> {
    const { post, memory } = this.#services;
    let runs = 1;
    try {
      const backend = await this.#backends.open(settings.backend);
      if (memory && backend.kind === 'cpu') {
        const dataset = await this.#data.opened();
        runs = countFitting(
          { settings, dataset, backend, batchCache: this.#batchCache, keepsCheckpoints: true },
          memory,
        );
      }
    } catch {
      // The run itself says why it cannot start.
    }
    post({ type: 'room', runs: Math.max(1, runs) });
  }
}
