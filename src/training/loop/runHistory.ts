import type { Metrics } from '../../metrics/metrics.ts';
import type { Checkpoint, Evaluated, RunPosition } from '../checkpoint/checkpoint.ts';
import type { RunStage, TrainedOn } from '../events/events.ts';
import { LossHistory } from './lossHistory.ts';
import { Stopwatch } from './scheduling.ts';

/** What a run has done since it was first started, whatever devices it was on: its result tells of it, and checkpoints keep it. */
export class RunHistory {
  /** Steps done. */
  step: number;
  /** Time spent on training steps alone, before those of the loop in use. */
  trainingMs: number;
  readonly clock: Stopwatch;
  readonly losses = new LossHistory();
  /** The last is the device in use. */
  readonly trainedOn: readonly TrainedOn[];
  readonly #stages: RunStage[];
  readonly #evaluations: Evaluated[];
  #validatedStep: number;

  /** `from`: what was kept of it when it was last interrupted. */
  constructor(
    { backend, adapter }: Omit<TrainedOn, 'afterStep'>,
    from?: Pick<Checkpoint, 'position' | 'losses'>,
  ) {
    const position = from?.position;
    this.step = position?.step ?? 0;
    this.trainingMs = position?.trainingMs ?? 0;
    this.clock = new Stopwatch(position?.elapsedMs);
    if (from) this.losses.add(from.losses);
    this.trainedOn = [...(position?.trainedOn ?? []), { afterStep: this.step, backend, adapter }];
    this.#stages = [...(position?.stages ?? [])];
    this.#evaluations = [...(position?.evaluations ?? [])];
    this.#validatedStep = position?.validatedStep ?? 0;
  }

  /** The step after which it was evaluated last on the validation split; 0: never. */
  get validatedStep(): number {
    return this.#validatedStep;
  }

  /** The sizes that it has left, oldest first. */
  get stages(): readonly RunStage[] {
    return [...this.#stages];
  }

  /** On the validation split, after the steps done so far. */
  addEvaluation(metrics: Metrics): void {
    this.#validatedStep = this.step;
    this.#evaluations.push({ step: this.step, metrics });
  }

  /** Leaves a size; with `undone`, goes back to the one before. */
  changeSize(left: RunStage, undone: boolean): void {
    if (undone) this.#stages.pop();
    else this.#stages.push(left);
  }

  /** Its part of where the run is. `loopMs`: time that the loop in use has spent on steps. */
  position(
    loopMs: number,
  ): Omit<RunPosition, 'totalSteps' | 'isEvaluationDue' | 'search' | 'divergenceLimit'> {
    return {
      step: this.step,
      validatedStep: this.#validatedStep,
      evaluations: [...this.#evaluations],
      stages: this.stages,
      trainedOn: this.trainedOn,
      trainingMs: this.trainingMs + loopMs,
      elapsedMs: this.clock.elapsedMs,
    };
  }
}
