import { energiesOf, energyOf } from '../../analysis/spectrum.ts';
import { compressedSize, type CompressionWayId } from '../../compression/afterTraining.ts';
import type { BlockEnergies } from '../../compression/method.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import { blockSpectrum } from '../spectrum/blockSpectrum.ts';
import { CompressedModel } from './compressedModel.ts';
import { compressionWays } from './compressionWays.ts';
import { describeParts } from '../loop/describeParts.ts';
import type { TrainingEvent } from '../events.ts';
import { type Scheduling, Stopwatch } from '../loop/pace.ts';
import { prepareSize, type RunMeans } from '../loop/prepareRun.ts';
import { type Model, vectorsOf } from '../resize/refitModel.ts';
import type { RunParts } from '../loop/run.ts';
import { popularityFactors } from '../spectrum/spectra.ts';
import { checkWhole, readWeights, type TrainedWeights } from './trainedWeights.ts';

/** What is made of a trained model. */
export interface Compression {
  readonly by: CompressionWayId;
  /** Hard caps on what is stored of the embedding layer, in parameters of four bytes. */
  readonly budgets: readonly number[];
  /** Steps that each of them is trained on afterwards; 0: none. */
  readonly fineTuneSteps: number;
}

/** Throws what compressTrained would throw of these sizes, before anything is trained: TrainingError, AllocationError. */
export function checkCompression(
  { by, budgets }: Compression,
  { settings, allocation, dataset }: Pick<RunParts, 'settings' | 'allocation' | 'dataset'>,
): void {
  checkWhole(
    allocation.method,
    allocation.fields.every(({ kind }) => kind === 'blocks'),
  );
  for (const budget of budgets) compressedSize({ settings, allocation, fields: dataset.fields }, by, budget);
}

/**
 * A smaller model for every budget: 'compressed' as it is made of the weights, and once more after fineTuneSteps steps,
 * whose 'progress' comes between. The steps are those of a run that starts from these weights: fresh optimiser state, the
 * batches of the first epoch on. So all depends on weights, data and device alone. A quantised model is trained in floats
 * and rounded again. Aborted: it ends after what it has said. Throws what checkCompression says, BackendError.
 */
export async function* compressTrained(
  whole: TrainedWeights,
  { by, budgets, fineTuneSteps }: Compression,
  means: RunMeans,
): AsyncGenerator<TrainingEvent, void, void> {
  const { dataset, signal, pace } = means;
  const { fields } = dataset;
  const rowFactors = fields.map(({ counts }) => popularityFactors(counts));
  const isStopped = (): boolean => signal?.aborted === true;
  const spectra = compressionWays[by].isSpectral ? await spectraOf(whole, rowFactors, pace) : undefined;
  if (isStopped()) return;
  pace.owesEvents = false;
  for (const budget of budgets) {
    const clock = new Stopwatch();
    const parts = await prepareSize(means, compressedSize({ ...whole, fields }, by, budget, spectra));
    try {
      const model = new CompressedModel(parts);
      let lostEnergy = await model.fill(whole, compressionWays[by], rowFactors);
      for (const steps of fineTuneSteps > 0 ? [0, fineTuneSteps] : [0]) {
        if (steps > 0) yield* model.fineTune(steps, isStopped);
        const stored = await model.round();
        if (stored && steps === 0) lostEnergy = lostByRounding(whole, await readWeights(parts), rowFactors);
        const metrics = await model.evaluate(isStopped);
        if (!metrics) return;
        await parts.onTrained?.(parts);
        clock.stop();
        const about = { ...describeParts(parts), reason: 'completed' as const, stored, metrics };
        const spent = { steps, bestStep: steps, seconds: clock.elapsedMs / 1000 };
        const msPerStep = steps > 0 ? model.trainingMs / steps : 0;
        const compressed = { by, budget, lostEnergy, steps };
        yield { kind: 'compressed', result: { ...about, ...spent, msPerStep, compressed } };
        clock.start();
      }
    } finally {
      parts.execution.destroy();
    }
  }
}

/** An SVD a block, of dim × dim: the thread reads its messages in between. */
async function spectraOf(
  { program, allocation, state }: Model,
  rowFactors: readonly Float64Array[],
  pace: Scheduling,
): Promise<readonly BlockEnergies[]> {
  const spectra: BlockEnergies[] = [];
  for (const block of storedBlocks(program, allocation)) {
    const { field, firstId, table } = block;
    const own = rowFactors[field].subarray(firstId, firstId + table.shape[0]);
    const vectors = vectorsOf(state, block, allocation.baseDim);
    spectra.push({ field, firstId, energies: energiesOf(blockSpectrum(vectors, own)) });
    await pace.yieldThread();
  }
  return spectra;
}

/** Of models of the same blocks and dims. */
function lostByRounding(before: Model, after: Model, rowFactors: readonly Float64Array[]): number {
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
