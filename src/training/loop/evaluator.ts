import type { Split } from '../../data/dataset.ts';
import {
  measure,
  measureIntervals,
  type MetricIntervals,
  type Metrics,
  rankingIntervals,
  rankingMetrics,
} from '../../metrics/metrics.ts';
import type { Predictions } from '../../metrics/predictions.ts';
import type { Step } from '../../program/program.ts';
import { evaluatedBatches } from '../batches/batchLayout.ts';
import type { LayerSpectrum } from '../events/events.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import { type RankedUsers, RankEvaluator } from './rankEvaluator.ts';
import { type Scheduling, SLICE_MS, SliceTimer } from './scheduling.ts';

/** The metrics of a split, and where they lie as far as its examples or users can tell. */
export interface Measured {
  readonly metrics: Metrics;
  readonly intervals: MetricIntervals;
  /** Only where examples have labels. */
  readonly predictions?: Predictions;
}

/** Runs the 'evaluate' section over splits, in slices. */
export class Evaluator {
  readonly #run: PreparedRun;
  readonly #scheduling: Scheduling;
  readonly #timer: SliceTimer;
  /** undefined: examples have labels. */
  readonly #ranks: RankEvaluator | undefined;

  constructor(run: PreparedRun, scheduling: Scheduling) {
    this.#run = run;
    this.#scheduling = scheduling;
    this.#timer = new SliceTimer(SLICE_MS[run.request.backend.kind]);
    if (run.request.dataset.task === 'ranking') this.#ranks = new RankEvaluator(run, scheduling);
  }

  /** The splits that are evaluated when a run is over. Nothing is held out of the training split that could be ranked. */
  get lastSplits(): readonly Split[] {
    return this.#ranks ? ['validation', 'test'] : ['train', 'test'];
  }

  /** The metrics of a split; `ranked`: of whom, where items are ranked for users. undefined: it was cancelled before its end. */
  async evaluate(
    split: Split,
    isCancelled: () => boolean,
    ranked: RankedUsers = 'all',
  ): Promise<Metrics | undefined> {
    if (this.#ranks) {
      const users = await this.#ranks.rank(split, ranked, isCancelled);
      return users && rankingMetrics(users);
    }
    const predictions = await this.predict(split, isCancelled);
    return predictions && measure(predictions, this.#run.request.dataset.task);
  }

  /** The metrics of a split with their intervals; undefined: it was cancelled before its end. */
  async measureAll(split: Split, isCancelled: () => boolean): Promise<Measured | undefined> {
    if (this.#ranks) {
      const users = await this.#ranks.rank(split, 'all', isCancelled);
      return users && { metrics: rankingMetrics(users), intervals: rankingIntervals(users) };
    }
    const { task } = this.#run.request.dataset;
    const predictions = await this.predict(split, isCancelled);
    return (
      predictions && {
        metrics: measure(predictions, task),
        intervals: measureIntervals(predictions, task),
        predictions,
      }
    );
  }

  /** What is predicted of the examples of a split that are evaluated, in their order; undefined: it was cancelled. */
  async predict(split: Split, isCancelled: () => boolean): Promise<Predictions | undefined> {
    const { execution, batches, program, layout } = this.#run;
    const labels = batches.evaluatedLabels(split);
    const values = new Float32Array(labels.length);
    const [slots, batch] = program.predictions.shape;
    const longest = Math.min(slots, batches.longestRun);
    const end = evaluatedBatches(layout, split);
    let done = 0;
    for (let next = 0; next < end;) {
      const count = Math.min(this.#timer.steps, longest, end - next);
      const startMs = performance.now();
      const steps = Array.from({ length: count }, (_, slot) => this.#step(split, next + slot, slot));
      execution.run('evaluate', steps);
      const length = (count - 1) * batch + steps[count - 1].count;
      const read = await execution.read(program.predictions, 0, length);
      for (const [slot, { count: examples }] of steps.entries()) {
        values.set(read.subarray(slot * batch, slot * batch + examples), done);
        done += examples;
      }
      this.#timer.record(count, performance.now() - startMs);
      next += count;
      await this.#scheduling.yieldThread();
      if (isCancelled()) return undefined;
    }
    return { values, labels };
  }

  #step(split: Split, index: number, metricSlot: number): Step {
    const batch = this.#run.batches.evaluationBatch(split, index);
    return { ...batch, segments: 0, longSegments: 0, learningRate: 0, step: 1, metricSlot };
  }
}

/**
 * How well the factors of every streamed gradient represent G, the gradient of the batch in the last step that measured:
 *     kept = ‖G·rightᵀ‖²/‖G‖²       the energy of G in the span of the right factors, which rank k can keep
 *     followed = 1 − ‖G − Ĝ‖²/‖G‖²  the energy that the update took, with Ĝ = left·diag(σ)·right, a mean over batches
 * If all batches are alike, both are the share of the k largest squared singular values. `followed` is negative where Ĝ is further
 * from G than 0 is.
 */
export function readGradientSpectra({
  program: { spectra = [] },
  execution,
}: Pick<PreparedRun, 'program' | 'execution'>): Promise<LayerSpectrum[]> {
  return Promise.all(
    spectra.map(async ({ layer, sigma, energies }) => {
      const [values, squares] = await Promise.all([execution.read(sigma), execution.read(energies)]);
      const sums = [0, 0, 0];
      squares.forEach((square, i) => (sums[i % 3] += square));
      const [whole, spanned, missed] = sums;
      const shares =
        whole > 0 ? { kept: spanned / whole, followed: 1 - missed / whole } : { kept: 1, followed: 1 };
      const magnitudes = Array.from(values, Math.abs).sort((a, b) => b - a);
      return { layer, sigma: magnitudes, ...shares };
    }),
  );
}
