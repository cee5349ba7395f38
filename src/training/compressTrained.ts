import { fieldSpectrum } from '../analysis/fieldSpectrum.ts';
import { energiesOf } from '../analysis/spectrum.ts';
import { TriangularFactor } from '../analysis/triangularFactor.ts';
import { allocateWithin } from '../compression/allocateWithin.ts';
import type { BlockEnergies } from '../compression/spectralDims.ts';
import { storedBlocks } from '../model/storedBlocks.ts';
import type { FieldStatistics } from '../compression/allocation.ts';
import { type Model, refitModel, vectorsOf } from './refitModel.ts';
import { readState, writeState } from './carriedState.ts';
import { checkResizable, type PrepareSize, type RunSize } from './resizer.ts';
import { Evaluator } from './evaluator.ts';
import type { ResolvedSettings, TrainingEvent } from './events.ts';
import { SLICE_MS } from './pace.ts';
import type { Schedule } from './schedule.ts';
import { summarise } from './specify.ts';
import type { RunParts } from './run.ts';
import { popularityFactors } from './spectra.ts';

/** What a run is brought to when it is over. */
export interface Compression {
  readonly budgets: readonly number[];
  /** Steps that each of them is trained on afterwards; 0: none. */
  readonly fineTuneSteps: number;
}

export interface CompressionPlan extends Compression {
  readonly prepare: PrepareSize;
}

/** Of the run that is over. */
interface Course {
  readonly schedule: Schedule;
  /** Steps done. */
  readonly steps: number;
  isStopped(): boolean;
  /** What is now on the device, in place of what was. */
  adopt(parts: RunParts): void;
}

const FINE_TUNED_AT_ONCE = 8;

/** Smaller models of the weights of `whole`, one after another on the device in its place. */
export async function* compressTrained(
  whole: RunParts,
  { budgets, fineTuneSteps, prepare }: CompressionPlan,
  course: Course,
): AsyncGenerator<TrainingEvent, void, void> {
  const source = await TrainedSource.read(whole);
  let held = whole;
  for (const budget of budgets) {
    const size = source.sizeFor(budget);
    held.execution.destroy();
    const { parts, lostEnergy } = await source.make(size, prepare);
    course.adopt(parts);
    held = parts;
    const evaluator = new Evaluator(parts, parts.dataset.task, SLICE_MS[parts.backend.kind]);
    const allocation = summarise(parts.allocation);
    for (const steps of fineTuneSteps > 0 ? [0, fineTuneSteps] : [0]) {
      await fineTune(parts, steps, course);
      const validation = await evaluator.evaluate('validation', course.isStopped);
      const test = validation && (await evaluator.evaluate('test', course.isStopped));
      if (!test) return;
      yield { kind: 'compressed', budget, allocation, lostEnergy, steps, metrics: { validation, test } };
    }
  }
}

/** On the batches that would have come after the run. */
async function fineTune(
  { execution, feed, settings, pace }: RunParts,
  steps: number,
  { schedule, steps: before, isStopped }: Course,
): Promise<void> {
  for (let done = 0; done < steps && !isStopped();) {
    const count = Math.min(steps - done, feed.longestRun, FINE_TUNED_AT_ONCE);
    const slice = Array.from({ length: count }, (_, i) => {
      const step = before + done + i + 1;
      const batch = feed.trainBatch(schedule.batchOf(step));
      return { ...batch, step, metricSlot: 0, learningRate: settings.learningRate };
    });
    execution.run('train', slice);
    await execution.finished();
    done += count;
    await pace.breathe();
  }
}

/** Throws what a run would end with, before it begins: TrainingError, AllocationError. */
export function checkCompression(
  { budgets }: Compression,
  { settings, allocation, dataset }: Pick<RunParts, 'settings' | 'allocation' | 'dataset'>,
): void {
  checkResizable(allocation);
  const byPopularity = { method: 'mixed-dimension', allocation: 'popularity', fieldMethods: '' } as const;
  for (const budget of budgets)
    if (budget < allocation.parameters)
      allocateWithin(dataset.fields, { ...settings, ...byPopularity, budget }, allocation.baseDim);
}

/** A trained model, which smaller ones are made of. Nothing of it is on the device any more. */
class TrainedSource {
  readonly #model: Model;
  readonly #settings: ResolvedSettings;
  readonly #fields: readonly (FieldStatistics & { readonly counts: Uint32Array })[];
  readonly #rowFactors: readonly Float64Array[];
  readonly #spectra: readonly BlockEnergies[];

  private constructor({ settings, dataset }: RunParts, model: Model) {
    this.#model = model;
    this.#settings = settings;
    this.#fields = dataset.fields;
    this.#rowFactors = dataset.fields.map(({ counts }) => popularityFactors(counts));
    this.#spectra = spectraOf(model, this.#rowFactors);
  }

  /** Reads the weights as they are, of a run that checkCompression accepts. */
  static async read(parts: RunParts): Promise<TrainedSource> {
    const { program, allocation, execution } = parts;
    return new TrainedSource(parts, { program, allocation, state: await readState(execution, program) });
  }

  /** Dims by water-filling on the model's own spectra: what a budget keeps most of; the model's own where it pays for all of it. Throws AllocationError. */
  sizeFor(budget: number): RunSize {
    const { allocation: whole } = this.#model;
    if (budget >= whole.parameters) return { settings: this.#settings, allocation: whole };
    const spectral = { method: 'mixed-dimension', allocation: 'spectral', fieldMethods: '' } as const;
    const settings = { ...this.#settings, ...spectral, budget };
    const request = { ...settings, spectra: this.#spectra };
    const allocation = allocateWithin(this.#fields, request, whole.baseDim);
    return { settings, allocation };
  }

  /** A model of that size, and the share of its vectors' energy that was lost. */
  async make(
    size: RunSize,
    prepare: PrepareSize,
  ): Promise<{ readonly parts: RunParts; readonly lostEnergy: number }> {
    const parts = await prepare(size);
    const { execution, program, allocation } = parts;
    const state = await readState(execution, program);
    const lostEnergy = refitModel(this.#model, { program, allocation, state }, this.#rowFactors);
    writeState(execution, program, state);
    return { parts, lostEnergy };
  }
}

function spectraOf(model: Model, rowFactors: readonly Float64Array[]): readonly BlockEnergies[] {
  const { program, allocation, state } = model;
  return storedBlocks(program, allocation).map((block) => {
    const { table, projection, dim, baseDim } = vectorsOf(state, block, allocation.baseDim);
    const { field, firstId } = block;
    const rows = table.length / dim;
    const factor = new TriangularFactor(dim);
    factor.add(table, rowFactors[field].subarray(firstId, firstId + rows));
    const wide = projection && { rows: dim, columns: baseDim, values: projection };
    const { singularValues } = fieldSpectrum([{ factor: factor.factor(), projection: wide }]);
    return { field, firstId, energies: energiesOf(singularValues) };
  });
}
