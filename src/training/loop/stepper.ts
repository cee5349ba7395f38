import { LOSS_SLOTS, type Step } from '../../program/program.ts';
import type { Pruner } from './pruner.ts';
import { type Scheduling, SLICE_MS, SLICES_IN_FLIGHT, SliceTimer, type Stopwatch } from './pace.ts';
import type { RunParts } from './run.ts';
import type { Schedule } from './schedule.ts';

/** Training steps that are done. */
export interface DoneSlice {
  readonly firstStep: number;
  readonly losses: Float32Array; // [steps]
}

interface Slice {
  readonly firstStep: number;
  readonly steps: number;
  readonly submittedMs: number;
  readonly losses: Promise<Float32Array | Uint32Array>;
}

/**
 * Hands training steps to the device in slices. Losses of a slice are read behind it in the
 * device's own order, so that the next slice is already there when the answer comes.
 */
export class Stepper {
  /** Time spent on training steps alone. */
  trainingMs = 0;
  readonly #parts: RunParts;
  readonly #schedule: Schedule;
  readonly #pruner: Pruner;
  readonly #clock: Stopwatch;
  readonly #timer: SliceTimer;
  readonly #slices: Slice[] = [];
  #submitted: number;
  #collectedMs = 0;

  /** Goes on after `done` steps. */
  constructor(parts: RunParts, schedule: Schedule, pruner: Pruner, clock: Stopwatch, done = 0) {
    this.#submitted = done;
    this.#parts = parts;
    this.#schedule = schedule;
    this.#pruner = pruner;
    this.#clock = clock;
    this.#timer = new SliceTimer(SLICE_MS[parts.backend.kind]);
  }

  get isIdle(): boolean {
    return this.#slices.length === 0;
  }

  /** Steps asked of the device so far: what is read now is as they leave it. */
  get submitted(): number {
    return this.#submitted;
  }

  get stepsPerSecond(): number {
    return 1000 / this.#timer.msPerStep;
  }

  /** Submits slices up to and including step `last`, as many as may be in flight. */
  submit(last: number, pace: Scheduling): void {
    const depth = pace.sliceSteps === null ? SLICES_IN_FLIGHT[this.#parts.backend.kind] : 1;
    while (this.#slices.length < depth && this.#submitted < last) {
      this.#submitSlice(Math.min(last - this.#submitted, pace.sliceSteps ?? this.#timer.steps));
    }
  }

  #submitSlice(wanted: number): void {
    const { execution, program, deviceBatches } = this.#parts;
    const metricSlot = this.#submitted % LOSS_SLOTS;
    const steps = Math.min(wanted, deviceBatches.longestRun, LOSS_SLOTS - metricSlot);
    const firstStep = this.#submitted + 1;
    const submittedMs = this.#clock.elapsedMs;
    const last = firstStep + steps - 1;
    for (let first = firstStep; first <= last;) {
      const pruning = this.#pruner.next(first);
      const end = Math.min(last, pruning);
      execution.run('train', this.#steps(first, end));
      if (end === pruning) this.#pruner.pruneAfter(end);
      first = end + 1;
    }
    const losses = execution.read(program.losses, metricSlot, steps);
    losses.catch(() => {}); // thrown where it is collected
    this.#submitted += steps;
    this.#slices.push({ firstStep, steps, submittedMs, losses });
  }

  #steps(first: number, last: number): Step[] {
    return Array.from({ length: last - first + 1 }, (_, i) => this.#step(first + i));
  }

  #step(step: number): Step {
    const batch = this.#parts.deviceBatches.trainBatch(this.#schedule.batchOf(step));
    const metricSlot = (step - 1) % LOSS_SLOTS;
    const measures = this.#schedule.nextEvaluation(step - 1) === step;
    return { ...batch, step, metricSlot, measures, learningRate: this.#parts.settings.learningRate };
  }

  /** The oldest slice in flight, when it is done. Rejects with BackendError. */
  async collect(): Promise<DoneSlice | undefined> {
    const slice = this.#slices.shift();
    if (!slice) return undefined;
    const losses = (await slice.losses) as Float32Array;
    const nowMs = this.#clock.elapsedMs;
    const elapsedMs = nowMs - Math.max(slice.submittedMs, this.#collectedMs);
    this.#collectedMs = nowMs;
    this.trainingMs += elapsedMs;
    this.#timer.record(slice.steps, elapsedMs);
    return { firstStep: slice.firstStep, losses };
  }
}
