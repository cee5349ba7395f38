import { GivenUp, type Pace, type Pieces, rangesOf, Turns } from '../../pieces/pieces.ts';
import { energiesOf, energyOf } from '../../analysis/spectrum.ts';
import { cuttingBlocks } from '../../compression/popularityBlocks.ts';
import { compressedSize, type CompressionWayId } from '../../compression/afterTraining.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import type { Program } from '../../program/program.ts';
import { elementCount } from '../../program/tensor.ts';
import { EpochOrder } from '../batches/windows.ts';
import { TrainingError } from '../events/errors.ts';
import type { RunResult, StoredElements, TrainingEvent } from '../events/events.ts';
import { Evaluator } from '../loop/evaluator.ts';
import type { RunControl } from '../loop/run.ts';
import { Schedule } from '../loop/schedule.ts';
import { Stopwatch } from '../loop/scheduling.ts';
import { describeDivergence, StepLoop } from '../loop/stepLoop.ts';
import { describeRun } from '../plan/describeRun.ts';
import { planSize, type RunRequest } from '../plan/planRun.ts';
import { type PreparedRun, prepareSize } from '../plan/prepareRun.ts';
import { refittingModel } from '../resize/refitModel.ts';
import { allPopularityFactors, measuringBlock } from '../spectrum/measureField.ts';
import { type ModelState, readState, vectorsOf, writeState } from '../weights/modelState.ts';
import { quantiseTables } from '../weights/postTraining.ts';
import { openRun } from '../weights/runFile.ts';
import { checkWhole, loadWeights, readWeights, type TrainedWeights } from '../weights/trainedWeights.ts';
import { hashingModel } from './hashModel.ts';
import type { BlockEnergies } from '../../compression/method.ts';

/** What smaller models to make of a trained one, and how. */
export interface Compression {
  readonly by: CompressionWayId;
  /** A model for each. Hard caps on what the embedding layer stores, in parameters of four bytes. */
  readonly budgets: readonly number[];
  /** Steps for which each model is trained on afterwards; 0: none. */
  readonly fineTuneSteps: number;
}

/** A way to make the weights of a smaller model of those of a trained one. */
interface CompressionWay {
  /** Whether the dims of the smaller model depend on the spectra of the larger one. */
  readonly isSpectral: boolean;
  /**
   * Fills the fresh state of a model of the size that compressedSize gives. `rowFactors`: √p_i, by field. Returns by how much its
   * vectors differ from the larger model's, as a share of Σ_fields E‖e‖².
   */
  fill(whole: ModelState, next: ModelState, rowFactors: readonly Float64Array[]): Pieces<number>;
}

const compressionWays: Readonly<Record<CompressionWayId, CompressionWay>> = {
  truncate: { isSpectral: true, fill: refittingModel },
  // Copied as floats, and rounded afterwards.
  quantise: { isSpectral: false, fill: refittingModel },
  hash: { isSpectral: false, fill: hashingModel },
};

/** Before anything is trained, throws what compressTrained would throw for these budgets: TrainingError, AllocationError. */
export function checkCompression(
  { by, budgets }: Compression,
  { settings, allocation, program, request }: CompressedRun,
): void {
  const { fields } = request.dataset;
  checkWhole(
    allocation.method,
    allocation.fields.every(({ kind }) => kind === 'blocks'),
  );
  const beside = requestBeside(request, program);
  for (const budget of budgets) {
    const size = compressedSize({ settings, allocation, fields }, by, budget);
    if (request.memory) planSize(beside, size);
  }
}

type CompressedRun = Pick<PreparedRun, 'settings' | 'allocation' | 'program' | 'request'>;

/** With the memory that the weights of the larger model, and a copy that the smaller one is filled from, leave. */
function requestBeside(request: RunRequest, { tensors }: Program): RunRequest {
  const { memory } = request;
  if (!memory) return request;
  const weights = tensors.filter(({ role, base }) => role === 'parameter' && !base);
  const totalBytes = memory.totalBytes - 8 * weights.reduce((sum, tensor) => sum + elementCount(tensor), 0);
  return { ...request, memory: { ...memory, totalBytes } };
}

/** The data and the device that a run file is compressed on. The settings are in the file. */
export type CompressionRequest = Omit<RunRequest, 'settings' | 'allocation' | 'spectra'>;

/**
 * compressTrained for a run file: gives the same bits as right after the run that was saved. Throws TrainingError, BackendError,
 * AllocationError.
 */
export async function* compressRun(
  file: Blob,
  compression: Compression,
  request: CompressionRequest,
  control: RunControl,
): AsyncGenerator<TrainingEvent, void, void> {
  const weights = await unlessGivenUp(async () => {
    const pace = paceOf(control);
    const loaded = await loadWeights(await openRun(file), request, pace);
    // Sizes are decided at once then.
    await pace.work(cuttingBlocks(request.dataset.fields, loaded.settings.blocks));
    return loaded;
  });
  if (!weights) return;
  const own = { ...request, settings: weights.settings };
  checkCompression(compression, { ...weights, request: own });
  yield* compressTrained(weights, compression, own, control);
}

function paceOf({ scheduling: { yieldThread }, signal }: RunControl): Pace {
  return new Turns({ yieldThread, isGivenUp: () => signal?.aborted === true });
}

/** undefined: the work was given up. */
async function unlessGivenUp<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GivenUp) return undefined;
    throw error;
  }
}

/**
 * Makes a smaller model for every budget. Its events: 'compressed' for the model as it is made of the weights; if there are
 * fineTuneSteps, 'progress' while they are trained, and 'compressed' once more after them.
 *
 * Fine-tuning is a run that starts from these weights, with fresh optimiser state and the batches from the first epoch on. So
 * everything depends on weights, data and device alone. A quantised model is trained in floats and rounded again.
 *
 * When the signal is aborted, it ends without a further 'compressed'. Throws what checkCompression throws, TrainingError if
 * fine-tuning diverges, and BackendError.
 */
export async function* compressTrained(
  ...request: Parameters<typeof compressEach>
): AsyncGenerator<TrainingEvent, void, void> {
  try {
    yield* compressEach(...request);
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  }
}

async function* compressEach(
  whole: TrainedWeights,
  { by, budgets, fineTuneSteps }: Compression,
  request: RunRequest,
  control: RunControl,
): AsyncGenerator<TrainingEvent, void, void> {
  const { fields } = request.dataset;
  const beside = requestBeside(request, whole.program);
  const pace = paceOf(control);
  const rowFactors = await allPopularityFactors(fields, pace);
  const way = compressionWays[by];
  const spectra = way.isSpectral ? await spectraOf(whole, rowFactors, pace) : undefined;
  for (const budget of budgets) {
    await pace.rest();
    const clock = new Stopwatch();
    const run = await prepareSize(beside, compressedSize({ ...whole, fields }, by, budget, spectra), pace);
    try {
      let lostEnergy = await fill(run, whole, way, rowFactors, pace);
      let msPerStep = 0;
      for (const steps of fineTuneSteps > 0 ? [0, fineTuneSteps] : [0]) {
        if (steps > 0) msPerStep = yield* fineTune(run, steps, control);
        const stored = await round(run, pace);
        if (stored && steps === 0)
          lostEnergy = await pace.work(lostByRounding(whole, await readWeights(run, pace), rowFactors));
        const metrics = await evaluate(run, control);
        if (!metrics) return;
        await control.onTrained?.(run, pace, metrics);
        clock.stop();
        const about = { ...describeRun(run), reason: 'completed' as const, stored, metrics };
        const spent = { steps, bestStep: steps, seconds: clock.elapsedMs / 1000 };
        const compressed = { by, budget, lostEnergy, steps };
        yield { kind: 'compressed', result: { ...about, ...spent, msPerStep, compressed } };
        clock.start();
      }
    } finally {
      run.execution.destroy();
    }
  }
}

/** Fills a prepared run. Returns by how much its vectors differ from the larger model's, as a share of Σ_fields E‖e‖². */
async function fill(
  { execution, program, allocation }: PreparedRun,
  whole: TrainedWeights,
  way: CompressionWay,
  rowFactors: readonly Float64Array[],
  pace: Pace,
): Promise<number> {
  const state = await readState(execution, program, pace);
  const lostEnergy = await pace.work(way.fill(whole, { program, allocation, state }, rowFactors));
  await writeState(execution, program, state, pace);
  return lostEnergy;
}

/** Trains for the steps of a run that starts from these weights. Returns the milliseconds a step. */
async function* fineTune(
  run: PreparedRun,
  totalSteps: number,
  { scheduling, signal }: RunControl,
): AsyncGenerator<TrainingEvent, number, void> {
  const order = new EpochOrder(run.layout.windows, run.settings.seed);
  const schedule = new Schedule(order, Math.ceil(totalSteps / order.batches), totalSteps);
  const loop = new StepLoop(run, { schedule, scheduling, signal });
  for (let step = 0; step < totalSteps;) {
    await loop.ready();
    const done = await loop.next(totalSteps);
    if (!done && signal?.aborted) break;
    if (!done) continue; // paused meanwhile
    const { firstStep, lastStep, losses, divergedLoss } = done;
    step = lastStep;
    yield { kind: 'progress', step, totalSteps, stepsPerSecond: loop.stepsPerSecond, firstStep, losses };
    if (divergedLoss !== undefined)
      throw new TrainingError(
        `Fine-tuning diverged. ${describeDivergence(divergedLoss, step)}`,
        'Compress without further steps, or train the run at a lower learning rate.',
      );
    await scheduling.yieldThread();
  }
  return loop.trainingMs / totalSteps;
}

/** Rounds the tables if the settings say so. undefined: the model stays in floats. */
async function round(run: PreparedRun, pace: Pace): Promise<StoredElements | undefined> {
  if (run.settings.postTraining === 'none') return undefined;
  return quantiseTables(run, { parameters: run.allocation.parameters }, pace);
}

/** undefined: it was stopped meanwhile. */
async function evaluate(
  run: PreparedRun,
  { scheduling, signal }: RunControl,
): Promise<RunResult['metrics'] | undefined> {
  const evaluator = new Evaluator(run, scheduling);
  const isStopped = (): boolean => signal?.aborted === true;
  const validation = await evaluator.evaluate('validation', isStopped);
  const test = validation && (await evaluator.evaluate('test', isStopped));
  return test && { validation, test };
}

/** The spectrum of every block: an SVD of dim × dim each. */
async function spectraOf(
  { program, allocation, state }: ModelState,
  rowFactors: readonly Float64Array[],
  pace: Pace,
): Promise<readonly BlockEnergies[]> {
  const spectra: BlockEnergies[] = [];
  for (const block of storedBlocks(program, allocation)) {
    const { field, firstId, table } = block;
    const own = rowFactors[field].subarray(firstId, firstId + table.shape[0]);
    const vectors = vectorsOf(state, block, allocation.baseDim);
    spectra.push({ field, firstId, energies: energiesOf(await pace.work(measuringBlock(vectors, own))) });
  }
  return spectra;
}

/** By how much rounding moved the vectors, as a share of Σ_fields E‖e‖². Both models have the same blocks and dims. */
function* lostByRounding(
  before: ModelState,
  after: ModelState,
  rowFactors: readonly Float64Array[],
): Pieces<number> {
  const { baseDim } = before.allocation;
  let energy = 0;
  let lost = 0;
  const rounded = storedBlocks(after.program, after.allocation);
  for (const [i, block] of storedBlocks(before.program, before.allocation).entries()) {
    const { field, firstId, table } = block;
    const own = rowFactors[field].subarray(firstId, firstId + table.shape[0]);
    const vectors = vectorsOf(before.state, block, baseDim);
    const others = vectorsOf(after.state, rounded[i], baseDim).table;
    const apart = yield* differing(vectors.table, others);
    energy += energyOf(yield* measuringBlock(vectors, own));
    lost += energyOf(yield* measuringBlock({ ...vectors, table: apart }, own));
  }
  return energy > 0 ? lost / energy : 0;
}

/** Elements that are subtracted between two rests: about a millisecond. */
const SUBTRACTED_ELEMENTS = 2 ** 20;

function* differing(values: Float32Array, others: Float32Array): Pieces<Float32Array> {
  const differences = new Float32Array(values.length);
  for (const { from, end } of rangesOf(values.length, SUBTRACTED_ELEMENTS)) {
    for (let i = from; i < end; i++) differences[i] = values[i] - others[i];
    yield;
  }
  return differences;
}
