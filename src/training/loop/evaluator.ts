import type { Split, Task } from '../../data/dataset.ts';
import type { Step } from '../../program/program.ts';
import { elementCount } from '../../program/tensor.ts';
import type { Metrics } from '../events.ts';
import type { BatchLayout } from '../batches/batchLayout.ts';
import { clickMetrics, ratingMetrics } from '../../metrics/metrics.ts';
import { SliceTimer } from './pace.ts';
import type { RunParts } from './run.ts';

/** Training examples that are evaluated at the end of a run, at most (rounded up to whole batches). */
const TRAIN_EXAMPLES = 100_000;

/**
 * Batches of a split that are evaluated: all of validation and test. Of training the first ones,
 * which are a random sample, since examples are dealt to batches by a permutation.
 */
export function evaluatedBatches({ batch, batches }: BatchLayout, split: Split): number {
  return split === 'train' ? Math.min(batches.train, Math.ceil(TRAIN_EXAMPLES / batch)) : batches[split];
}

/** Runs the 'evaluate' section over splits, in slices. */
export class Evaluator {
  readonly #parts: RunParts;
  readonly #task: Task;
  readonly #timer: SliceTimer;
  readonly #noCounts: Uint32Array;

  constructor(parts: RunParts, task: Task, sliceMs: number) {
    this.#parts = parts;
    this.#task = task;
    this.#timer = new SliceTimer(sliceMs);
    this.#noCounts = new Uint32Array(elementCount(parts.program.histogram));
  }

  /** undefined: `isCancelled` said so before the end. */
  async evaluate(split: Split, isCancelled: () => boolean): Promise<Metrics | undefined> {
    const { execution, deviceBatches, pace, program } = this.#parts;
    const { histogram, sums } = program;
    const batches = evaluatedBatches(deviceBatches.layout, split);
    execution.write(histogram, this.#noCounts);
    for (let next = 0; next < batches;) {
      const count = Math.min(this.#timer.steps, deviceBatches.longestRun, batches - next);
      const startMs = performance.now();
      const steps = Array.from({ length: count }, (_, i) => this.#step(split, next + i));
      execution.run('evaluate', steps);
      await execution.finished();
      this.#timer.record(count, performance.now() - startMs);
      next += count;
      await pace.yieldThread();
      if (isCancelled()) return undefined;
    }
    const [sumsRead, histogramRead] = await Promise.all([
      execution.read(sums, 0, 4 * batches),
      execution.read(histogram),
    ]);
    const counts = {
      examples: deviceBatches.exampleCount(split, batches),
      sums: sumsRead as Float32Array,
      histogram: histogramRead as Uint32Array,
    };
    return this.#task === 'click' ? clickMetrics(counts) : ratingMetrics(counts);
  }

  #step(split: Split, index: number): Step {
    const batch = this.#parts.deviceBatches.evaluationBatch(split, index);
    return { ...batch, segments: 0, longSegments: 0, learningRate: 0, step: 1, metricSlot: index };
  }
}
