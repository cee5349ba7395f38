import { LOSS_SLOTS, type Step } from '../../program/program.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import type { Pruner } from './pruner.ts';
import type { Schedule } from './schedule.ts';
import { type Scheduling, SLICE_MS, SLICES_IN_FLIGHT, SliceTimer, Stopwatch } from './scheduling.ts';
import { DivergenceWatch } from './stopping.ts';

/** Training steps that are done. */
export interface DoneSlice {
  /** From 1. */
  readonly firstStep: number;
  readonly lastStep: number;
  /** [lastStep − firstStep + 1] */
  readonly losses: Float32Array;
  /** The last of these losses, if training diverged there: steps after it do not count. */
  readonly divergedLoss: number | undefined;
}

interface Slice {
  readonly firstStep: number;
  readonly steps: number;
  readonly submittedMs: number;
  readonly losses: Promise<Float32Array | Uint32Array>;
}

export interface StepLoopOptions {
  readonly schedule: Schedule;
  readonly scheduling: Scheduling;
  readonly signal: AbortSignal | undefined;
  readonly pruner?: Pruner | undefined;
  /** Stands still while the loop is paused. */
  readonly clock?: Stopwatch;
  readonly divergence?: DivergenceWatch;
  /** Steps that were done before. */
  readonly done?: number;
}

/**
 * The one loop over training steps: of runs, of their warm-up, and of fine-tuning. It hands steps to the device in slices. The read of
 * a slice's losses is queued on the device right behind the slice, and a GPU has the next slice before the losses arrive.
 */
export class StepLoop {
  /** Time spent on training steps alone. */
  trainingMs = 0;
  readonly #run: PreparedRun;
  readonly #schedule: Schedule;
  readonly #scheduling: Scheduling;
  readonly #signal: AbortSignal | undefined;
  readonly #pruner: Pruner | undefined;
  readonly #clock: Stopwatch;
  readonly #divergence: DivergenceWatch;
  readonly #timer: SliceTimer;
  readonly #slices: Slice[] = [];
  #submitted: number;
  #collectedMs = 0;

  constructor(run: PreparedRun, options: StepLoopOptions) {
    this.#run = run;
    this.#schedule = options.schedule;
    this.#scheduling = options.scheduling;
    this.#signal = options.signal;
    this.#pruner = options.pruner;
    this.#clock = options.clock ?? new Stopwatch();
    this.#divergence = options.divergence ?? new DivergenceWatch();
    this.#submitted = options.done ?? 0;
    this.#timer = new SliceTimer(SLICE_MS[run.request.backend.kind]);
  }

  get isIdle(): boolean {
    return this.#slices.length === 0;
  }

  /** Steps handed to the device so far. Whatever is read from it now comes after them. */
  get submitted(): number {
    return this.#submitted;
  }

  get stepsPerSecond(): number {
    return 1000 / this.#timer.msPerStep;
  }

  /** Resolves when a slice is in flight, when steps are allowed, or when the run is to end. */
  async ready(): Promise<void> {
    if (!this.isIdle || this.#scheduling.allowedSteps() > 0) return;
    this.#clock.stop();
    await this.#scheduling.waitForSteps();
    this.#clock.start();
  }

  /**
   * Submits steps up to `last` and returns the next slice that is done. undefined: stopped, or no steps are allowed. Rejects with
   * BackendError.
   */
  async next(last: number): Promise<DoneSlice | undefined> {
    if (!this.#signal?.aborted) this.#submit(last);
    return this.#collect();
  }

  /** Submits as many slices as may be in flight. */
  #submit(last: number): void {
    for (;;) {
      const allowed = this.#scheduling.allowedSteps();
      const depth = allowed === Infinity ? SLICES_IN_FLIGHT[this.#run.request.backend.kind] : 1;
      if (this.#slices.length >= depth || this.#submitted >= last || allowed < 1) return;
      this.#submitSlice(Math.min(last - this.#submitted, allowed === Infinity ? this.#timer.steps : allowed));
    }
  }

  #submitSlice(wanted: number): void {
    const { execution, program, batches } = this.#run;
    const metricSlot = this.#submitted % LOSS_SLOTS;
    const steps = Math.min(wanted, batches.longestRun, LOSS_SLOTS - metricSlot);
    const firstStep = this.#submitted + 1;
    const submittedMs = this.#clock.elapsedMs;
    const last = firstStep + steps - 1;
    for (let first = firstStep; first <= last;) {
      const pruning = this.#pruner?.next(first) ?? Infinity;
      const end = Math.min(last, pruning);
      execution.run('train', this.#steps(first, end));
      if (end === pruning) this.#pruner?.pruneAfter(end);
      first = end + 1;
    }
    const losses = execution.read(program.losses, metricSlot, steps);
    losses.catch(() => {}); // thrown where it is collected
    this.#submitted += steps;
    this.#scheduling.take(steps);
    this.#slices.push({ firstStep, steps, submittedMs, losses });
  }

  #steps(first: number, last: number): Step[] {
    return Array.from({ length: last - first + 1 }, (_, i) => this.#step(first + i));
  }

  #step(step: number): Step {
    const schedule = this.#schedule;
    const batch = this.#run.batches.trainBatch(schedule.batchOf(step), schedule.epochOf(step));
    const metricSlot = (step - 1) % LOSS_SLOTS;
    const measures = schedule.nextEvaluation(step - 1) === step;
    return { ...batch, step, metricSlot, measures, learningRate: this.#run.settings.learningRate };
  }

  /** Waits for the oldest slice in flight. */
  async #collect(): Promise<DoneSlice | undefined> {
    const slice = this.#slices.shift();
    if (!slice) return undefined;
    const losses = (await slice.losses) as Float32Array;
    const nowMs = this.#clock.elapsedMs;
    const elapsedMs = nowMs - Math.max(slice.submittedMs, this.#collectedMs);
    this.#collectedMs = nowMs;
    this.trainingMs += elapsedMs;
    this.#timer.record(slice.steps, elapsedMs);
    const { firstStep } = slice;
    const bad = this.#divergence.firstBad(losses);
    if (bad < 0) return { firstStep, lastStep: firstStep + slice.steps - 1, losses, divergedLoss: undefined };
    const counted = losses.subarray(0, bad + 1);
    return { firstStep, lastStep: firstStep + bad, losses: counted, divergedLoss: losses[bad] };
  }
}

/** Says to people with which loss training diverged. */
export function describeDivergence(loss: number, step: number): string {
  const what = Number.isFinite(loss) ? `grew to ${loss.toPrecision(3)}` : 'is no longer a number';
  return `The loss ${what} at step ${step.toLocaleString('en')}.`;
}
