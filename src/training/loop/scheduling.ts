/** How a run shares its thread, and whether it may go on. It changes when things happen, never what is computed. */
export interface Scheduling {
  /** How many steps may be handed to the device now: Infinity, or, in a paused run, as many as the user allows. */
  allowedSteps(): number;
  /** Says that so many steps were handed over. */
  take(steps: number): void;
  /** Resolves when steps are allowed, or when the run is to end. */
  waitForSteps(): Promise<void>;
  /** Awaited between slices, so that the thread can read its messages. */
  yieldThread(): Promise<void>;
}

/** Never pauses: the run goes as fast as it can. */
export function unscheduled(
  yieldThread: Scheduling['yieldThread'] = () => Promise.resolve(),
  allowedSteps = Infinity,
): Scheduling {
  return {
    allowedSteps: () => allowedSteps,
    take: () => {},
    waitForSteps: () => Promise.resolve(),
    yieldThread,
  };
}

/**
 * How long the steps that are handed over at once should take. A slice on the CPU blocks the thread; on a GPU two are in flight.
 */
export const SLICE_MS = { cpu: 25, webgpu: 12 } as const;
export const SLICES_IN_FLIGHT = { cpu: 1, webgpu: 2 } as const;
const LONGEST_SLICE = 1024;

/** Sizes slices so that each takes about `targetMs`, from the time that earlier ones took. */
export class SliceTimer {
  readonly #targetMs: number;
  #steps = 0;
  #msPerStep = Infinity;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** Steps of the next slice: 1 at first, later at most twice as many as the longest slice so far. */
  get steps(): number {
    const fitting = Math.floor(this.#targetMs / this.#msPerStep);
    return Math.max(1, Math.min(fitting, 2 * this.#steps, LONGEST_SLICE));
  }

  /** A moving average; Infinity before anything was timed. */
  get msPerStep(): number {
    return this.#msPerStep;
  }

  record(steps: number, elapsedMs: number): void {
    const msPerStep = Math.max(1e-3, elapsedMs / steps);
    this.#msPerStep = this.#msPerStep === Infinity ? msPerStep : 0.7 * this.#msPerStep + 0.3 * msPerStep;
    this.#steps = Math.max(this.#steps, steps);
  }
}

/** Measures how long a run has been at work. It is stopped while the run waits for a user, or for the consumer of its events. */
export class Stopwatch {
  #elapsedMs: number;
  #startedMs: number | undefined = performance.now();

  /** `elapsedMs`: of an earlier part of the same run. */
  constructor(elapsedMs = 0) {
    this.#elapsedMs = elapsedMs;
  }

  get elapsedMs(): number {
    return this.#elapsedMs + (this.#startedMs === undefined ? 0 : performance.now() - this.#startedMs);
  }

  stop(): void {
    this.#elapsedMs = this.elapsedMs;
    this.#startedMs = undefined;
  }

  start(): void {
    this.#startedMs ??= performance.now();
  }
}
