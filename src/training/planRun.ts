import type { Backend } from '../backend/backend.ts';
import type { Allocation } from '../compression/allocation.ts';
import type { Dataset } from '../data/dataset.ts';
import { lookupsOf } from '../model/placeFields.ts';
import type { AllocatedBytes } from '../program/allocatedBytes.ts';
import { compareLedgers, type LedgerChange, memoryLedger } from '../program/ledger.ts';
import type { Lookup } from '../program/lookup.ts';
import type { Program } from '../program/program.ts';
import type { ResolvedSettings } from './events.ts';
import type { FeedCache } from './feed.ts';
import type { FeedLayout } from './feedLayout.ts';
import { blankSignatures } from './signatures.ts';
import { programFor } from './specify.ts';

/** What a run would be, before anything is allocated for it. */
export interface RunPlan {
  readonly settings: ResolvedSettings;
  readonly lookups: readonly Lookup[];
  readonly layout: FeedLayout;
  readonly program: Program;
  readonly bytes: AllocatedBytes;
  /** The program that approximates nothing: the same one, where nothing is approximated. */
  readonly exact: { readonly program: Program; readonly bytes: AllocatedBytes };
}

/** What training takes: the program that is trained beside the exact one, which approximates nothing. */
export interface TrainingMemory {
  /** What the layers ask for, by role: more than is allocated, where they share. */
  readonly lines: readonly LedgerChange[];
  /** Allocated by the device, by use. */
  readonly bytes: AllocatedBytes;
  readonly exactBytes: AllocatedBytes;
  /** What is not allocated because activations and gradients lie where others lay before them. */
  readonly savedBytes: number;
  /** Whether every batch stays on the device, or each is uploaded for its step. */
  readonly residentData: boolean;
}

export interface PlanRequest {
  readonly settings: ResolvedSettings;
  readonly dataset: Dataset;
  readonly backend: Backend;
  readonly allocation: Allocation;
  readonly feeds: FeedCache;
}

/** Pure but for the feeds' memory of a device that was full. Throws TrainingError for dims that are not integers. */
export function planRun(request: PlanRequest, dataBytes = Infinity): RunPlan {
  const { settings, dataset, backend, allocation, feeds } = request;
  const cardinalities = dataset.fields.map((field) => field.cardinality);
  const lookups = lookupsOf(allocation, cardinalities, settings.model === 'mf');
  const layout = feeds.layoutFor(backend, dataset, settings.batch, lookups.length, dataBytes);
  const signatures = blankSignatures(allocation, dataset);
  const measured = (own: ResolvedSettings) => {
    const program = programFor(own, dataset, allocation, layout, signatures);
    return { program, bytes: backend.footprint(program) };
  };
  const planned = measured(settings);
  const exact = settings.gradientRank > 0 ? measured({ ...settings, gradientRank: 0 }) : planned;
  return { settings, lookups, layout, ...planned, exact };
}

export function trainingMemory({ program, bytes, layout, exact }: RunPlan): TrainingMemory {
  const { lines, askedBytes, peakBytes } = memoryLedger(program);
  return {
    lines: compareLedgers(memoryLedger(exact.program).lines, lines),
    bytes,
    exactBytes: exact.bytes,
    savedBytes: askedBytes - peakBytes,
    residentData: layout.resident,
  };
}
