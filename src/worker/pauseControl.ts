/** Whether the run may go on: it is running, or paused with single steps that it may take. */
export class PauseControl {
  #paused = false;
  #steps = 0;
  #wake: (() => void) | undefined;
  readonly #report: (paused: boolean) => void;

  constructor(report: (paused: boolean) => void) {
    this.#report = report;
  }

  pause(): void {
    this.#set(true);
  }

  resume(): void {
    this.#steps = 0;
    this.#set(false);
  }

  /** Allows one more step, and pauses after it. */
  allowStep(): void {
    this.#steps++;
    this.#set(true);
  }

  /** How many steps may be handed to the device now. */
  allowedSteps(): number {
    return this.#paused ? Math.min(1, this.#steps) : Infinity;
  }

  take(steps: number): void {
    if (this.#paused) this.#steps = Math.max(0, this.#steps - steps);
  }

  /** Makes `wait` check again: a run that is to end must not wait for the user. */
  wake(): void {
    this.#wake?.();
  }

  /** Resolves when steps are allowed, or when `isOver` returns true. */
  async wait(isOver: () => boolean): Promise<void> {
    while (this.allowedSteps() === 0 && !isOver()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
  }

  #set(paused: boolean): void {
    if (paused !== this.#paused) {
      this.#paused = paused;
      this.#report(paused);
    }
    this.wake();
  }
}
