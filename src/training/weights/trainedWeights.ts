import { atOnce, copying, type Pace, type Pieces, rangesOf } from '../../pieces/pieces.ts';
import type { Allocation } from '../../compression/allocation.ts';
import { methods } from '../../compression/methods.ts';
import type { PopularityBlock } from '../../compression/popularityBlocks.ts';
import { describeAllocation } from '../../compression/totals.ts';
import type { DatasetInfo } from '../../data/dataset.ts';
import { elementCount, storageOf } from '../../program/tensor.ts';
import type { MethodId } from '../../settings/settings.ts';
import { TrainingError } from '../events/errors.ts';
import type { ResolvedSettings } from '../events/events.ts';
import type { ModelState } from './modelState.ts';
import type { RunDescription, SavedRun } from './runFile.ts';
import type { StoredTensor } from './safetensors.ts';
import { checkParameters } from './savedParameters.ts';
import { readTensor } from './transfer.ts';
import { planRun, type RunRequest } from '../plan/planRun.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';

/** A trained model in this thread's memory: its parameters, without anything that only training needs. */
export interface TrainedWeights extends ModelState {
  readonly settings: ResolvedSettings;
}

/** Copies the parameters of a run from its device. Rejects with BackendError, GivenUp. */
export async function readWeights(
  {
    settings,
    allocation,
    program,
    execution,
  }: Pick<PreparedRun, 'settings' | 'allocation' | 'program' | 'execution'>,
  pace?: Pace,
): Promise<TrainedWeights> {
  const state = new Map<string, Float32Array | Uint32Array>();
  for (const tensor of program.tensors)
    if (tensor.role === 'parameter' && !tensor.base)
      state.set(tensor.name, await readTensor(execution, tensor, pace));
  return { settings, allocation, program, state };
}

/** The data and the device that weights are loaded for. */
type WeightsTarget = Pick<RunRequest, 'dataset' | 'backend' | 'batchCache'>;

/**
 * Loads the weights of a run file for the data that they were trained on. Rejects with TrainingError for other data, or where ids
 * share rows.
 */
export async function loadWeights(
  saved: SavedRun,
  target: WeightsTarget,
  pace: Pace = atOnce,
): Promise<TrainedWeights> {
  const { run } = saved;
  const { dataset } = target;
  checkFields(run, dataset);
  const tensors = new Map<string, StoredTensor>();
  for (const name of saved.tensors.entries.keys()) tensors.set(name, await saved.tensors.read(name, pace));
  const allocation = await pace.work(readingAllocation(run, tensors, dataset));
  const settings = { ...run.settings, trainMemory: null };
  const { program } = planRun({ ...target, settings, allocation });
  const own = program.tensors.filter(({ role }) => role === 'parameter');
  checkParameters(saved.tensors.entries, program);
  const state = new Map<string, Float32Array | Uint32Array>();
  for (const tensor of own) if (!tensor.base) state.set(tensor.name, new Float32Array(elementCount(tensor)));
  for (const tensor of own) {
    const saved = tensors.get(tensor.name);
    if (!saved) continue;
    await pace.work(copying(saved.values, state.get(storageOf(tensor).name)!, tensor.offset));
  }
  return { settings: { ...run.settings, backend: target.backend.kind }, allocation, program, state };
}

/** The allocation as it was saved. Settings alone do not tell the dims of a run that was resized. */
function* readingAllocation(
  { blocks, settings, allocation }: RunDescription,
  tensors: ReadonlyMap<string, StoredTensor>,
  { fields }: DatasetInfo,
): Pieces<Allocation> {
  const lookups: number[] = [];
  for (const { counts } of fields) lookups.push(yield* summing(counts));
  const rows = fields.map(() => 0);
  const dims: number[] = [];
  const own: PopularityBlock[] = [];
  for (const { field, firstId, table } of blocks) {
    const [count, dim] = tensors.get(table)!.shape;
    rows[field] += count;
    dims.push(dim);
    const hits = yield* summing(fields[field].counts.subarray(firstId, firstId + count));
    own.push({ field, firstId, rows: count, mass: hits / Math.max(1, lookups[field]) });
  }
  const isWhole = fields.every(({ cardinality }, field) => rows[field] === cardinality);
  checkWhole(settings.method, isWhole && allocation.trainedParameters === undefined);
  const described = describeAllocation(own, dims, settings, allocation.baseDim);
  return { ...described, alpha: allocation.alpha };
}

/** Counts that are added between two rests: a few milliseconds. */
const ADDED_COUNTS = 2 ** 20;

function* summing(counts: Uint32Array): Pieces<number> {
  let sum = 0;
  for (const { from, end } of rangesOf(counts.length, ADDED_COUNTS)) {
    for (let id = from; id < end; id++) sum += counts[id];
    yield;
  }
  return sum;
}

/** Where ids share what is stored, there are no vectors of single ids that could be made smaller. Throws TrainingError then. */
export function checkWhole(method: MethodId, isWhole: boolean): void {
  if (isWhole) return;
  throw new TrainingError(
    `A run of ${methods[method].label} cannot be compressed after training: its vectors are not rows of their own, times a projection.`,
    'Compress a run of full, uniform, low rank or mixed dimension.',
  );
}

/** Throws TrainingError if the model was trained on other fields. */
export function checkFields({ data }: RunDescription, { fields }: Pick<DatasetInfo, 'fields'>): void {
  const isSame =
    data.fields.length === fields.length &&
    fields.every(
      ({ name, cardinality }, i) =>
        name === data.fields[i].name && cardinality === data.fields[i].cardinality,
    );
  if (isSame) return;
  throw new TrainingError(
    `The model was trained on ${data.name}, whose fields are others.`,
    'Open the data that it was trained on, with the same choices.',
  );
}
