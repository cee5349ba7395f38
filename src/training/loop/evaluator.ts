import type { Split } from '../../data/dataset.ts';
import { clickMetrics, type Metrics, ratingMetrics } from '../../metrics/metrics.ts';
import type { Step } from '../../program/program.ts';
import { elementCount } from '../../program/tensor.ts';
import { evaluatedBatches } from '../batches/batchLayout.ts';
import type { LayerSpectrum } from '../events/events.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import { type Scheduling, SLICE_MS, SliceTimer } from './scheduling.ts';

/** Runs the 'evaluate' section over splits, in slices. */
export class Evaluator {
  readonly #run: PreparedRun;
  readonly #scheduling: Scheduling;
  readonly #timer: SliceTimer;
  readonly #noCounts: Uint32Array;

  constructor(run: PreparedRun, scheduling: Scheduling) {
    this.#run = run;
    this.#scheduling = scheduling;
    this.#timer = new SliceTimer(SLICE_MS[run.request.backend.kind]);
    this.#noCounts = new Uint32Array(elementCount(run.program.histogram));
  }

  /** The metrics of a split; undefined: it was cancelled before its end. */
  async evaluate(split: Split, isCancelled: () => boolean): Promise<Metrics | undefined> {
    const { execution, batches: deviceBatches, program, request } = this.#run;
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
      await this.#scheduling.yieldThread();
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
    return request.dataset.task === 'click' ? clickMetrics(counts) : ratingMetrics(counts);
  }

  #step(split: Split, index: number): Step {
    const batch = this.#run.batches.evaluationBatch(split, index);
    return { ...batch, segments: 0, longSegments: 0, learningRate: 0, step: 1, metricSlot: index };
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
