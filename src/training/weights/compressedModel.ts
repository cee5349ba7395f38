import { readState, writeState } from '../resize/carriedState.ts';
import type { CompressionWay } from './compressionWays.ts';
import { Evaluator } from '../loop/evaluator.ts';
import type { RunResult, TrainingEvent } from '../events.ts';
import { SLICE_MS } from '../loop/pace.ts';
import { quantiseTables } from './postTraining.ts';
import type { StoredElements } from '../loop/pruner.ts';
import type { RunParts } from '../loop/run.ts';
import { Schedule } from '../loop/schedule.ts';
import type { TrainedWeights } from './trainedWeights.ts';

const FINE_TUNED_AT_ONCE = 8;

/** A smaller model on the device. */
export class CompressedModel {
  readonly #parts: RunParts;
  readonly #evaluator: Evaluator;
  trainingMs = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#evaluator = new Evaluator(parts, parts.dataset.task, SLICE_MS[parts.backend.kind]);
  }

  /** The share of Σ_fields E‖e‖² that its vectors are off by. */
  async fill(
    whole: TrainedWeights,
    way: CompressionWay,
    rowFactors: readonly Float64Array[],
  ): Promise<number> {
    const { execution, program, allocation } = this.#parts;
    const state = await readState(execution, program);
    const lostEnergy = way.fill(whole, { program, allocation, state }, rowFactors);
    writeState(execution, program, state);
    return lostEnergy;
  }

  /** The steps of a run that starts from these weights. */
  async *fineTune(totalSteps: number, isStopped: () => boolean): AsyncGenerator<TrainingEvent, void, void> {
    const { execution, deviceBatches, settings, pace } = this.#parts;
    const { learningRate, seed } = settings;
    const { train } = deviceBatches.layout.batches;
    const schedule = new Schedule(train, Math.ceil(totalSteps / train), totalSteps, seed);
    const none = new Float32Array(0); // nobody draws the losses, so none are read back
    for (let done = 0; done < totalSteps && !isStopped();) {
      const startMs = performance.now();
      const most = pace.sliceSteps ?? FINE_TUNED_AT_ONCE;
      const count = Math.min(totalSteps - done, deviceBatches.longestRun, most);
      const slice = Array.from({ length: count }, (_, i) => {
        const step = done + i + 1;
        return { ...deviceBatches.trainBatch(schedule.batchOf(step)), step, metricSlot: 0, learningRate };
      });
      execution.run('train', slice);
      await execution.finished();
      done += count;
      this.trainingMs += performance.now() - startMs;
      const stepsPerSecond = (1000 * done) / this.trainingMs;
      yield { kind: 'progress', step: done, totalSteps, stepsPerSecond, firstStep: 1, losses: none };
      await pace.yieldThread();
    }
  }

  /** undefined: it is stored in floats. */
  async round(): Promise<StoredElements | undefined> {
    const { execution, program, allocation, settings } = this.#parts;
    if (settings.postTraining === 'none') return undefined;
    const bits = settings.postTraining === 'int8' ? 8 : 4;
    return quantiseTables(execution, program, allocation, bits, { parameters: allocation.parameters });
  }

  /** undefined: stopped meanwhile. */
  async evaluate(isStopped: () => boolean): Promise<RunResult['metrics'] | undefined> {
    const validation = await this.#evaluator.evaluate('validation', isStopped);
    const test = validation && (await this.#evaluator.evaluate('test', isStopped));
    return test && { validation, test };
  }
}
