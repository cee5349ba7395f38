import type { Pieces } from '../pieces/pieces.ts';
import { bytesBesideData } from '../program/memory.ts';
import type { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import {
  estimatingMemory,
  type MemoryEstimate,
  planning,
  type RunRequest,
} from '../training/plan/planRun.ts';

export type PlanRequest = Pick<RunRequest, 'settings' | 'dataset' | 'backend' | 'memory'>;

/** How many totals are remembered: enough for all choices that the page offers, before and after one of them is taken. */
const REMEMBERED = 64;

/** Plans the memory of runs, in pieces, of which those for one request are done at a time. Remembers the last plans, because a slider often comes back to where it was. */
export class MemoryEstimates {
  readonly #batchCache: DeviceBatchesCache;
  readonly #totals = new Map<string, number | null>();
  #plannedFor: Pick<PlanRequest, 'dataset' | 'backend'> | undefined;
  #last: { readonly key: string; readonly plan: MemoryEstimate } | undefined;

  constructor(batchCache: DeviceBatchesCache) {
    this.#batchCache = batchCache;
  }

  /** Throws what planRun throws. */
  *planning(request: PlanRequest): Pieces<MemoryEstimate> {
    const key = this.#keyOf(request);
    if (this.#last?.key === key) return this.#last.plan;
    const plan = yield* estimatingMemory({ ...request, batchCache: this.#batchCache });
    this.#last = { key, plan };
    return plan;
  }

  /** Bytes without those of the examples, if there were no memory limit; null: such a run could not start. */
  *totalling(request: PlanRequest): Pieces<number | null> {
    const settings = { ...request.settings, trainMemory: null };
    const key = this.#keyOf({ ...request, settings });
    const known = this.#totals.get(key);
    if (known !== undefined) return known;
    const total = yield* this.#counting({ ...request, settings });
    const [oldest] = this.#totals.keys();
    if (this.#totals.size >= REMEMBERED) this.#totals.delete(oldest);
    this.#totals.set(key, total);
    return total;
  }

  *#counting(request: PlanRequest): Pieces<number | null> {
    try {
      const plan = yield* planning({ ...request, batchCache: this.#batchCache });
      return bytesBesideData(plan.bytes);
    } catch (error) {
      if (error instanceof Error && 'remedy' in error) return null;
      throw error;
    }
  }

  /** Forgets what was planned for other data or another device. */
  #keyOf({ settings, dataset, backend }: PlanRequest): string {
    if (this.#plannedFor?.dataset !== dataset || this.#plannedFor.backend !== backend) {
      this.#totals.clear();
      this.#last = undefined;
      this.#plannedFor = { dataset, backend };
    }
    return JSON.stringify(settings);
  }
}
