import { finish, type Pieces } from '../../pieces/pieces.ts';
import type { Backend } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import { cuttingBlocks } from '../../compression/popularityBlocks.ts';
import { decideDims } from '../../compression/decideDims.ts';
import type { MemoryLimits } from '../../data/source.ts';
import type { ReadableDataset } from '../../data/stored/exampleReader.ts';
import { hasBiases } from '../../model/model.ts';
import { placeFields, type Placement } from '../../model/placeFields.ts';
import type { Program } from '../../program/program.ts';
import type { Settings } from '../../settings/settings.ts';
import type { BatchLayout } from '../batches/batchLayout.ts';
import type { DeviceBatchesCache } from '../batches/deviceBatches.ts';
import { TrainingError } from '../events/errors.ts';
import type { ResolvedSettings, TrainingMemory } from '../events/events.ts';
import { approximate, exactProgram } from './buildProgram.ts';
import { labelScaleOf } from './labelScale.ts';
import { fittingMemory, type MemoryChoice } from './fitMemory.ts';
import { checkMemory, type MemoryNeeds, memoryNeeds, timesWithin } from './memoryNeeds.ts';
import { rankingOf } from './ranking.ts';
import { resolveSettings } from './resolveSettings.ts';
import { blankSignatures } from './signatures.ts';
import type { BlockEnergies } from '../../compression/method.ts';
import { type AllocatedBytes, totalBytes, compareLedgers, memoryLedger } from '../../program/memory.ts';

/** What is asked for: the first link of the chain request → plan → run. */
export interface RunRequest {
  readonly settings: Settings;
  readonly dataset: ReadableDataset;
  readonly backend: Backend;
  readonly batchCache: DeviceBatchesCache;
  /** Dims that were decided elsewhere, instead of those that settings and data give: with a fixed base dim, for example. */
  readonly allocation?: Allocation | undefined;
  /** What the warm-up has measured, for a spectral allocation. */
  readonly spectra?: readonly BlockEnergies[] | undefined;
  /** What this thread may hold; left out: nobody knows. */
  readonly memory?: MemoryLimits | undefined;
  /** Whether the state is copied for checkpoints while the run goes on. */
  readonly keepsCheckpoints?: boolean | undefined;
}

/** What will be trained, before anything is allocated for it: the second link. */
export interface RunPlan {
  readonly request: RunRequest;
  /** As the request asks for them. `settings`, which are trained, may differ where a memory limit has changed them. */
  readonly asked: ResolvedSettings;
  readonly settings: ResolvedSettings;
  readonly allocation: Allocation;
  readonly placement: Placement;
  readonly layout: BatchLayout;
  readonly program: Program;
  readonly bytes: AllocatedBytes;
  /** The same without approximations; `program` itself if the settings ask for none. */
  readonly exact: Program;
}

/** Pure, apart from what the batch cache remembers of a device that was full. Throws TrainingError, AllocationError. */
export function planRun(request: RunRequest): RunPlan {
  return finish(planning(request));
}

/** planRun, in pieces. */
export function* planning(request: RunRequest): Pieces<RunPlan> {
  const plan = yield* planningFreely(request);
  checkPlan(plan);
  return plan;
}

/** Throws TrainingError where this thread has no room for the run. */
function checkPlan(plan: RunPlan): void {
  const { memory } = plan.request;
  if (memory) checkMemory(needsOf(plan), memory);
}

function needsOf({ request, allocation, placement, layout, bytes }: RunPlan): MemoryNeeds {
  const { dataset, backend, keepsCheckpoints = false } = request;
  const signed = blankSignatures(allocation, dataset)?.length ?? 0;
  const lookups = placement.lookups.length;
  const planned = { dataset, layout, lookups, signedRows: signed / 2, bytes };
  return memoryNeeds({ ...planned, backend: backend.kind, keepsCheckpoints });
}

/** How many such runs fit into the memory side by side, each with a copy of the data set; 0: not even one. Throws TrainingError, AllocationError. */
export function countFitting(request: RunRequest, memory: MemoryLimits): number {
  return timesWithin(needsOf(planRun({ ...request, memory: undefined })), memory);
}

function* planningFreely(request: RunRequest): Pieces<RunPlan> {
  const { dataset, backend } = request;
  const asked = resolveSettings(request.settings, dataset, backend.kind);
  // The only long part of deciding dims, which then finds it done.
  if (!request.allocation) yield* cuttingBlocks(dataset.fields, asked.blocks);
  const allocation = request.allocation ?? decideDims(dataset, asked, { spectra: request.spectra });
  checkDims(allocation);
  yield;
  const cardinalities = dataset.fields.map((field) => field.cardinality);
  const placement = placeFields(allocation, cardinalities, asked.tableInit, hasBiases(asked.model));
  const sized: SizedRequest = { request, asked, allocation, placement };
  if (asked.trainMemory === null) return planWith(sized, asked);
  const limitBytes = limitOf(asked.trainMemory);
  const choice = yield* fittingMemory(limitBytes, asked, request.settings, measurer(sized));
  // Learning rates and intervals that are left to the data depend on the batch.
  const settings = resolveSettings({ ...request.settings, ...choice }, dataset, backend.kind);
  const free = planWith(sized, settings);
  const total = totalBytes(free.bytes);
  return total <= limitBytes ? free : planWith(sized, settings, limitBytes - (total - free.bytes.data));
}

/** Decimal MB are seldom exact in binary: rounding must not take a byte away. */
const limitOf = (megabytes: number): number => Math.floor(megabytes * 1e6 + 1e-3);

/** A size that a run has, or can go over to while it is trained. */
export interface RunSize {
  readonly settings: ResolvedSettings;
  readonly allocation: Allocation;
}

/**
 * The plan of a run that is trained already, at a size it has or may take: its batch and its precision are those of `settings`, and
 * only the room for examples gives way to a memory limit. Throws TrainingError.
 */
export function planSize(request: RunRequest, size: RunSize): RunPlan {
  const settings = { ...size.settings, backend: request.backend.kind };
  const { trainMemory } = settings;
  const unlimited = { ...request, settings: { ...settings, trainMemory: null }, allocation: size.allocation };
  const free = finish(planningFreely(unlimited));
  const limitBytes = trainMemory === null ? Infinity : limitOf(trainMemory);
  const total = totalBytes(free.bytes);
  const plan =
    total <= limitBytes ? free : planWith(free, free.settings, limitBytes - (total - free.bytes.data));
  const bytes = totalBytes(plan.bytes);
  if (bytes <= limitBytes) {
    checkPlan(plan);
    return { ...plan, request, settings };
  }
  throw new TrainingError(
    `At that size the run would take ${(bytes / 1e6).toFixed(1)} MB, and ${trainMemory} MB are allowed.`,
    'Choose a smaller budget, or start a new run within that memory.',
  );
}

type SizedRequest = Pick<RunPlan, 'request' | 'asked' | 'allocation' | 'placement'>;

/** `dataBytes`: most bytes that the batches on the device may take. */
function planWith(
  { request, asked, allocation, placement }: SizedRequest,
  settings: ResolvedSettings,
  dataBytes = Infinity,
): RunPlan {
  const { dataset, backend, batchCache } = request;
  const lookups = placement.lookups.length;
  const negatives = rankingOf(settings, dataset)?.negatives;
  const layout = batchCache.layoutFor(backend, dataset, settings.batch, lookups, dataBytes, negatives);
  const regression = labelScaleOf(settings, dataset);
  const source = { settings, dataset, regression, allocation, placement, layout };
  const exact = exactProgram(source, blankSignatures(allocation, dataset));
  const program = approximate(exact, settings);
  const bytes = backend.footprint(program);
  return { request, asked, allocation, placement, settings, layout, program, bytes, exact };
}

/** Measures the least bytes that a run of a choice takes. Choices with the same batch share one exact program. */
function measurer(sized: SizedRequest): (choice: MemoryChoice) => number {
  const { request, asked } = sized;
  const exact = new Map<number, Program>();
  return (choice) => {
    const own = { ...asked, ...choice };
    const program = exact.get(own.batch);
    if (program) return totalBytes(request.backend.footprint(approximate(program, own)));
    const first = planWith(sized, own, 0);
    exact.set(own.batch, first.exact);
    return totalBytes(first.bytes);
  };
}

function checkDims({ blocks }: Allocation): void {
  if (blocks.every((block) => Number.isInteger(block.dim))) return;
  throw new TrainingError(
    'Without rounding the dims are not whole numbers, and such a table cannot be stored.',
    'Choose the rounding “integer” or “power-of-two”.',
  );
}

/** What the page shows of a run's memory before it starts. */
export interface MemoryEstimate {
  readonly asked: ResolvedSettings;
  /** The settings that would be trained. */
  readonly settings: ResolvedSettings;
  readonly memory: TrainingMemory;
}

/** In pieces. Throws what planRun throws. */
export function* estimatingMemory(request: RunRequest): Pieces<MemoryEstimate> {
  const plan = yield* planning(request);
  return { asked: plan.asked, settings: plan.settings, memory: trainingMemory(plan) };
}

export function trainingMemory({ request, program, bytes, layout, exact }: RunPlan): TrainingMemory {
  const { lines, askedBytes, peakBytes } = memoryLedger(program);
  return {
    lines: compareLedgers(memoryLedger(exact).lines, lines),
    bytes,
    exactBytes: exact === program ? bytes : request.backend.footprint(exact),
    savedBytes: askedBytes - peakBytes,
    approximated: approximatedLayers(program),
    residentData: layout.resident,
  };
}

function approximatedLayers({ sections, spectra = [] }: Program): TrainingMemory['approximated'] {
  const quantised = sections.train.flatMap((op) =>
    op.kind === 'quantise' ? [op.quantised.codes.layer] : [],
  );
  return { activations: [...new Set(quantised)], gradients: spectra.map(({ layer }) => layer) };
}
