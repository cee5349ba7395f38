import type { TrainingEvent } from '../training/events.ts';

type Progress = Extract<TrainingEvent, { kind: 'progress' }>;

/** A message a slice would keep the page busy: they are posted at most 10 times a second. */
const INTERVAL_MS = 100;

/** Joins the progress events of one run that follow each other within INTERVAL_MS; order is kept. */
export class ProgressMerger {
  readonly #post: (event: TrainingEvent) => void;
  #held: Progress[] = [];
  #postedMs = -Infinity;

  constructor(post: (event: TrainingEvent) => void) {
    this.#post = post;
  }

  add(event: TrainingEvent): void {
    if (event.kind !== 'progress') {
      this.flush();
      this.#post(event);
      return;
    }
    this.#held.push(event);
    if (performance.now() - this.#postedMs >= INTERVAL_MS) this.flush();
  }

  flush(): void {
    const held = this.#held;
    const last = held.at(-1);
    if (!last) return;
    const losses = new Float32Array(held.reduce((sum, event) => sum + event.losses.length, 0));
    const { firstStep } = held[0];
    for (const event of held) losses.set(event.losses, event.firstStep - firstStep);
    this.#post({ ...last, firstStep, losses });
    this.#held = [];
    this.#postedMs = performance.now();
  }
}
