/** How a run shares its thread, and whether it may go on. It changes when things happen, never what is computed. */
export interface Scheduling {
  /** Steps that may be handed to the device at once now: Infinity, or as many as whoever has paused the run allows. */
  allowedSteps(): number;
  /** So many of them were handed over. */
  take(steps: number): void;
  /** Resolves when steps are allowed, or when the run is to end. */
  waitForSteps(): Promise<void>;
  /** Awaited between slices, so that the thread can read its messages. */
  yieldThread(): Promise<void>;
}

/** As fast as it goes. */
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

/** Work handed to a backend at once. A CPU slice blocks the thread; on a GPU two are in flight. */
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

  /** 1 at first, then at most twice the size of the slice before. */
  get steps(): number {
    const fitting = Math.floor(this.#targetMs / this.#msPerStep);
    return Math.max(1, Math.min(fitting, 2 * this.#steps, LONGEST_SLICE));
  }

  /** Of late; Infinity before anything was timed. */
  get msPerStep(): number {
    return this.#msPerStep;
  }

  record(steps: number, elapsedMs: number): void {
    const msPerStep = Math.max(1e-3, elapsedMs / steps);
    this.#msPerStep = this.#msPerStep === Infinity ? msPerStep : 0.7 * this.#msPerStep + 0.3 * msPerStep;
    this.#steps = Math.max(this.#steps, steps);
  }
}

/** Time that a run has been at work: it stands still while nobody asks for the next event. */
export class Stopwatch {
  #elapsedMs = 0;
  #startedMs: number | undefined = performance.now();

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
