/** Work between two turns of the event loop, in ms: what a cancel waits for at most, while cells are read or examples encoded. */
const longestWorkMs = 40;

/** Work in short steps, which its driver may pause or give up between two of them. */
export type Steps<T> = Generator<void, T>;

/** Loops yield once in so many examples. */
export const stepExamples = 4096;

/**
 * Hands the thread back now and then, so that a worker hears that it is cancelled. Promises alone do not: they settle in
 * microtasks, before the next message.
 */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #startMs = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Call it between two short pieces of work. Rejects with the signal's reason. */
  async pause(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (performance.now() - this.#startMs < longestWorkMs) return;
    await nextTask();
    this.#startMs = performance.now();
    this.#signal?.throwIfAborted();
  }

  /** Rejects with the signal's reason. */
  async run<T>(steps: Steps<T>): Promise<T> {
    while (true) {
      const { done, value } = steps.next();
      if (done) return value;
      await this.pause();
    }
  }
}

/** All steps at once. */
export function runSteps<T>(steps: Steps<T>): T {
  while (true) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A message to oneself: a task of the event loop, without the 4 ms of a nested setTimeout. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
