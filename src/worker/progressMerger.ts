import type { TrainingEvent } from '../training/events/events.ts';

type Progress = Extract<TrainingEvent, { kind: 'progress' }>;
type WarmUp = Extract<TrainingEvent, { kind: 'warming-up' }>;

/** A message a slice would keep the page busy: they are posted at most 10 times a second. */
const INTERVAL_MS = 100;

/** Joins the progress events of one run that follow each other within INTERVAL_MS, of a warm-up the last; order is kept. */
export class ProgressMerger {
  readonly #post: (event: TrainingEvent) => void;
  #held: Progress[] = [];
  #warmUp: WarmUp | undefined;
  #postedMs = -Infinity;

  constructor(post: (event: TrainingEvent) => void) {
    this.#post = post;
  }

  add(event: TrainingEvent): void {
    if (event.kind === 'warming-up') this.#warmUp = event;
    else if (event.kind === 'progress') this.#held.push(event);
    else {
      this.flush();
      this.#post(event);
      return;
    }
    if (performance.now() - this.#postedMs >= INTERVAL_MS) this.flush();
  }

  flush(): void {
    if (this.#warmUp) this.#post(this.#warmUp);
    if (this.#held.length > 0) this.#post(joined(this.#held));
    this.#warmUp = undefined;
    this.#held = [];
    this.#postedMs = performance.now();
  }
}

function joined(held: readonly Progress[]): Progress {
  const losses = new Float32Array(held.reduce((sum, event) => sum + event.losses.length, 0));
  const { firstStep } = held[0];
  for (const event of held) losses.set(event.losses, event.firstStep - firstStep);
  return { ...held.at(-1)!, firstStep, losses };
}
