import { bytesBesideData } from '../../program/memory.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Failure } from '../../worker/protocol.ts';
import type { MemoryEstimate } from '../../training/plan/planRun.ts';

export interface MemoryState {
  /** The memory that a run with these settings would take. */
  readonly memory: EstimatedMemory;
}

/** What the engine has answered about the memory of a run with the current settings. */
interface EstimatedMemory {
  /** The last plan. It stays until the next arrives, so that nothing flickers. */
  readonly plan: MemoryEstimate | null;
  /** Why a run with these settings cannot start: no choice fits the limit, say. */
  readonly failure: Failure | null;
  /** Bytes without examples and limit after a change of one setting, by changeKey. null: such a run cannot start. */
  readonly bytesOf: Readonly<Record<string, number | null>>;
}

export const nothingEstimated: EstimatedMemory = { plan: null, failure: null, bytesOf: {} };

export const initialMemory: MemoryState = { memory: nothingEstimated };

export const changeKey = (change: Partial<Settings>): string => JSON.stringify(change);

/** The planned bytes without the examples. */
export function estimatedBytes({ plan }: EstimatedMemory): number | undefined {
  return plan ? bytesBesideData(plan.memory.bytes) : undefined;
}
