/** Whether the run may go on: running, or paused with single steps to take. */
export class PauseControl {
  #paused = false;
  #steps = 0;
  #wake: (() => void) | undefined;
  readonly #report: (paused: boolean) => void;

  constructor(report: (paused: boolean) => void) {
    this.#report = report;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#set(true);
  }

  resume(): void {
    this.#steps = 0;
    this.#set(false);
  }

  /** One step more, then paused. */
  allowStep(): void {
    this.#steps++;
    this.#set(true);
  }

  stepTaken(): void {
    this.#steps = Math.max(0, this.#steps - 1);
  }

  /** Looks again at who is waiting: a run that is to end does not wait for the user. */
  wake(): void {
    this.#wake?.();
  }

  /** Resolves at once unless paused with no step to take; then when that, or `isFree`, changes. */
  async pass(isFree: () => boolean): Promise<void> {
    while (this.#paused && this.#steps === 0 && !isFree()) {
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
