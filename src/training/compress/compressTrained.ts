import { energiesOf, energyOf } from '../../analysis/spectrum.ts';
import { compressedSize, type CompressionWayId } from '../../compression/afterTraining.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import { TrainingError } from '../events/errors.ts';
import type { RunResult, StoredElements, TrainingEvent } from '../events/events.ts';
import { Evaluator } from '../loop/evaluator.ts';
import type { RunControl } from '../loop/run.ts';
import { Schedule } from '../loop/schedule.ts';
import { Stopwatch } from '../loop/scheduling.ts';
import { describeDivergence, StepLoop } from '../loop/stepLoop.ts';
import { describeRun } from '../plan/describeRun.ts';
import type { RunRequest } from '../plan/planRun.ts';
import { type PreparedRun, prepareSize } from '../plan/prepareRun.ts';
import { refitModel } from '../resize/refitModel.ts';
import { blockSpectrum, popularityFactors } from '../spectrum/measureField.ts';
import { type ModelState, readState, vectorsOf, writeState } from '../weights/modelState.ts';
import { quantiseTables } from '../weights/postTraining.ts';
import { openRun } from '../weights/runFile.ts';
import { checkWhole, loadWeights, readWeights, type TrainedWeights } from '../weights/trainedWeights.ts';
import { hashModel } from './hashModel.ts';
import type { BlockEnergies } from '../../compression/method.ts';

/** What is made of a trained model. */
export interface Compression {
  readonly by: CompressionWayId;
  /** Hard caps on what is stored of the embedding layer, in parameters of four bytes. */
  readonly budgets: readonly number[];
  /** Steps that each of them is trained on afterwards; 0: none. */
  readonly fineTuneSteps: number;
}

/** How the weights of a trained model become those of a smaller one. */
interface CompressionWay {
  /** Whether the smaller one's size depends on the spectra of the larger. */
  readonly isSpectral: boolean;
  /**
   * Fills the fresh state of a model of the size that compressedSize gives. Returns the share of Σ_fields E‖e‖² that its
   * vectors are off by; `rowFactors` are √p_i, by field.
   */
  fill(whole: ModelState, next: ModelState, rowFactors: readonly Float64Array[]): number;
}

const compressionWays: Readonly<Record<CompressionWayId, CompressionWay>> = {
  truncate: { isSpectral: true, fill: refitModel },
  // In floats, until it is rounded.
  quantise: { isSpectral: false, fill: refitModel },
  hash: { isSpectral: false, fill: hashModel },
};

/** Throws what compressTrained would throw of these sizes, before anything is trained: TrainingError, AllocationError. */
export function checkCompression(
  { by, budgets }: Compression,
  { settings, allocation, request }: Pick<PreparedRun, 'settings' | 'allocation' | 'request'>,
): void {
  const { fields } = request.dataset;
  checkWhole(
    allocation.method,
    allocation.fields.every(({ kind }) => kind === 'blocks'),
  );
  for (const budget of budgets) compressedSize({ settings, allocation, fields }, by, budget);
}

/** What compressions of a run file work with; its settings are the run's. */
export type CompressionRequest = Omit<RunRequest, 'settings' | 'allocation' | 'spectra'>;

/** The events of compressTrained, of a run file; bit for bit those of the run that was saved. Throws TrainingError, BackendError, AllocationError. */
export async function* compressRun(
  file: Blob,
  compression: Compression,
  request: CompressionRequest,
  control: RunControl,
): AsyncGenerator<TrainingEvent, void, void> {
  const weights = await loadWeights(await openRun(file), request);
  const own = { ...request, settings: weights.settings };
  checkCompression(compression, { ...weights, request: own });
  yield* compressTrained(weights, compression, own, control);
}

/**
 * A smaller model for every budget: 'compressed' as it is made of the weights, and once more after fineTuneSteps steps,
 * whose 'progress' comes between. The steps are those of a run that starts from these weights: fresh optimiser state, the
 * batches of the first epoch on. So all depends on weights, data and device alone. A quantised model is trained in floats
 * and rounded again. Aborted: it ends after what it has said. Throws what checkCompression says, TrainingError where fine-tuning
 * diverges, BackendError.
 */
export async function* compressTrained(
  whole: TrainedWeights,
  { by, budgets, fineTuneSteps }: Compression,
  request: RunRequest,
  control: RunControl,
): AsyncGenerator<TrainingEvent, void, void> {
  const { fields } = request.dataset;
  const rowFactors = fields.map(({ counts }) => popularityFactors(counts));
  const isStopped = (): boolean => control.signal?.aborted === true;
  const way = compressionWays[by];
  const spectra = way.isSpectral ? await spectraOf(whole, rowFactors, control) : undefined;
  for (const budget of budgets) {
    if (isStopped()) return;
    const clock = new Stopwatch();
    const run = await prepareSize(request, compressedSize({ ...whole, fields }, by, budget, spectra));
    try {
      let lostEnergy = await fill(run, whole, way, rowFactors);
      let msPerStep = 0;
      for (const steps of fineTuneSteps > 0 ? [0, fineTuneSteps] : [0]) {
        if (steps > 0) msPerStep = yield* fineTune(run, steps, control);
        const stored = await round(run);
        if (stored && steps === 0) lostEnergy = lostByRounding(whole, await readWeights(run), rowFactors);
        const metrics = await evaluate(run, control);
        if (!metrics) return;
        await control.onTrained?.(run);
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

/** The share of Σ_fields E‖e‖² that its vectors are off by. */
async function fill(
  { execution, program, allocation }: PreparedRun,
  whole: TrainedWeights,
  way: CompressionWay,
  rowFactors: readonly Float64Array[],
): Promise<number> {
  const state = await readState(execution, program);
  const lostEnergy = way.fill(whole, { program, allocation, state }, rowFactors);
  writeState(execution, program, state);
  return lostEnergy;
}

/** The steps of a run that starts from these weights; answers with milliseconds a step. */
async function* fineTune(
  run: PreparedRun,
  totalSteps: number,
  { scheduling, signal }: RunControl,
): AsyncGenerator<TrainingEvent, number, void> {
  const { train } = run.layout.batches;
  const schedule = new Schedule(train, Math.ceil(totalSteps / train), totalSteps, run.settings.seed);
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

/** undefined: it is stored in floats. */
async function round(run: PreparedRun): Promise<StoredElements | undefined> {
  if (run.settings.postTraining === 'none') return undefined;
  return quantiseTables(run, { parameters: run.allocation.parameters });
}

/** undefined: stopped meanwhile. */
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

/** An SVD a block, of dim × dim: the thread reads its messages in between. */
async function spectraOf(
  { program, allocation, state }: ModelState,
  rowFactors: readonly Float64Array[],
  { scheduling }: RunControl,
): Promise<readonly BlockEnergies[]> {
  const spectra: BlockEnergies[] = [];
  for (const block of storedBlocks(program, allocation)) {
    const { field, firstId, table } = block;
    const own = rowFactors[field].subarray(firstId, firstId + table.shape[0]);
    const vectors = vectorsOf(state, block, allocation.baseDim);
    spectra.push({ field, firstId, energies: energiesOf(blockSpectrum(vectors, own)) });
    await scheduling.yieldThread();
  }
  return spectra;
}

/** Of models of the same blocks and dims. */
function lostByRounding(before: ModelState, after: ModelState, rowFactors: readonly Float64Array[]): number {
  const { baseDim } = before.allocation;
  let energy = 0;
  let lost = 0;
  const rounded = storedBlocks(after.program, after.allocation);
  storedBlocks(before.program, before.allocation).forEach((block, i) => {
    const { field, firstId, table } = block;
    const own = rowFactors[field].subarray(firstId, firstId + table.shape[0]);
    const vectors = vectorsOf(before.state, block, baseDim);
    const others = vectorsOf(after.state, rounded[i], baseDim).table;
    const apart = vectors.table.map((value, at) => value - others[at]);
    energy += energyOf(blockSpectrum(vectors, own));
    lost += energyOf(blockSpectrum({ ...vectors, table: apart }, own));
  });
  return energy > 0 ? lost / energy : 0;
}
