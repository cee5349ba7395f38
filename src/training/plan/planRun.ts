import type { Backend } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Dataset } from '../../data/dataset.ts';
import { lookupsOf } from '../../model/placeFields.ts';
import {
  type AllocatedBytes,
  compareLedgers,
  type LedgerChange,
  memoryLedger,
} from '../../program/memory.ts';
import type { Lookup } from '../../program/lookup.ts';
import type { Program } from '../../program/program.ts';
import type { ResolvedSettings } from '../events.ts';
import type { DeviceBatchesCache } from '../batches/deviceBatches.ts';
import type { BatchLayout } from '../batches/batchLayout.ts';
import { blankSignatures } from './signatures.ts';
import { approximate, exactProgram } from './buildProgram.ts';

/** What a run would be, before anything is allocated for it. */
export interface RunPlan {
  readonly settings: ResolvedSettings;
  readonly lookups: readonly Lookup[];
  readonly layout: BatchLayout;
  readonly program: Program;
  readonly bytes: AllocatedBytes;
  /** What approximates nothing: the same one, where the settings ask for nothing. */
  readonly exact: Program;
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
  /** Layers whose activations are kept as codes, and those whose gradients are factors. */
  readonly approximated: { readonly activations: readonly string[]; readonly gradients: readonly string[] };
  /** Whether every batch stays on the device, or each is uploaded for its step. */
  readonly residentData: boolean;
}

export interface PlanRequest {
  readonly settings: ResolvedSettings;
  readonly dataset: Dataset;
  readonly backend: Backend;
  readonly allocation: Allocation;
  readonly batchCache: DeviceBatchesCache;
}

/** Pure but for what the cache remembers of a device that was full. Throws TrainingError for dims that are not integers. */
export function planRun(request: PlanRequest, dataBytes = Infinity): RunPlan {
  const { settings, dataset, backend, allocation, batchCache } = request;
  const cardinalities = dataset.fields.map((field) => field.cardinality);
  const lookups = lookupsOf(allocation, cardinalities, settings.model === 'mf');
  const layout = batchCache.layoutFor(backend, dataset, settings.batch, lookups.length, dataBytes);
  const exact = exactProgram(settings, dataset, allocation, layout, blankSignatures(allocation, dataset));
  const program = approximate(exact, settings);
  return { settings, lookups, layout, program, bytes: backend.footprint(program), exact };
}

export function trainingMemory(run: RunPlan, backend: Backend): TrainingMemory {
  const { program, bytes, layout, exact } = run;
  const { lines, askedBytes, peakBytes } = memoryLedger(program);
  return {
    lines: compareLedgers(memoryLedger(exact).lines, lines),
    bytes,
    exactBytes: exact === program ? bytes : backend.footprint(exact),
    savedBytes: askedBytes - peakBytes,
    approximated: approximatedLayers(program),
    residentData: layout.resident,
  };
}

function approximatedLayers({ sections, spectra = [] }: Program): TrainingMemory['approximated'] {
  const packed = sections.train.flatMap((op) => (op.kind === 'quantise' ? [op.quantised.codes.layer] : []));
  return { activations: [...new Set(packed)], gradients: spectra.map(({ layer }) => layer) };
}
