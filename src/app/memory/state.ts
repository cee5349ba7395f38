import { bytesBesideData } from '../../program/memory.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Failure } from '../../worker/protocol.ts';
import type { MemoryEstimate } from '../../training/plan/planRun.ts';

export interface MemoryState {
  /** What the run would take that these settings start. */
  readonly memory: EstimatedMemory;
}

/** What the engine has said about the memory of a run with the settings under the user's hand. */
interface EstimatedMemory {
  /** The last there was: an older one stays until the next is known, so that nothing flickers. */
  readonly plan: MemoryEstimate | null;
  /** Why a run with these settings cannot start: no choice fits the limit, say. */
  readonly failure: Failure | null;
  /** Bytes beside the examples, without the limit, if this one setting were another: by changeKey. null: such a run cannot start. */
  readonly bytesOf: Readonly<Record<string, number | null>>;
}

export const nothingEstimated: EstimatedMemory = { plan: null, failure: null, bytesOf: {} };

export const initialMemory: MemoryState = { memory: nothingEstimated };

export const changeKey = (change: Partial<Settings>): string => JSON.stringify(change);

/** Beside the examples. */
export function estimatedBytes({ plan }: EstimatedMemory): number | undefined {
  return plan ? bytesBesideData(plan.memory.bytes) : undefined;
}
