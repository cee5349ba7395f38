import { type Backend, BackendError, type Execution } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Program } from '../../program/program.ts';
import { Evaluator } from './evaluator.ts';
import type { EndReason, Metrics, ResolvedSettings, RunResult, RunStage, TrainingEvent } from '../events.ts';
import type { DeviceBatches } from '../batches/deviceBatches.ts';
import { describeParts } from './describeParts.ts';
import { readGradientSpectra } from './gradientSpectra.ts';
import { lossOf } from '../../metrics/metrics.ts';
import { type Scheduling, SLICE_MS, Stopwatch } from './pace.ts';
import { quantiseTables } from '../weights/postTraining.ts';
import type { TrainingMemory } from '../plan/planRun.ts';
import { Pruner, pruneSteps, type StoredElements } from './pruner.ts';
import type { Resizer } from '../resize/resizer.ts';
import type { TrainedModel } from '../weights/runFile.ts';
import { Schedule } from './schedule.ts';
import { countOtherParameters, summarise } from '../plan/buildProgram.ts';
import type { SpectrumMonitor } from '../spectrum/spectrumWatch.ts';
import { Stepper } from './stepper.ts';
import { DivergenceWatch, EarlyStopping } from './stopping.ts';

/** Abort reason of a run that must make room at once. */
export const REPLACED = 'replaced';

/** Everything that one run works with, prepared. */
export interface RunParts {
  readonly settings: ResolvedSettings;
  readonly dataset: Dataset;
  readonly backend: Backend;
  readonly allocation: Allocation;
  readonly program: Program;
  readonly memory: TrainingMemory;
  readonly execution: Execution;
  readonly deviceBatches: DeviceBatches;
  readonly signal: AbortSignal | undefined;
  readonly pace: Scheduling;
  /** Looks at the tables between steps. */
  readonly watch?: SpectrumMonitor | undefined;
  /** Awaited at the end of a run that was evaluated, when its best weights are back. */
  readonly onTrained?: ((model: TrainedModel) => Promise<void>) | undefined;
}

type Events<Result = void> = AsyncGenerator<TrainingEvent, Result, void>;

/** The course of one run. */
export class Run {
  readonly #resizer: Resizer | undefined;
  #parts: RunParts;
  readonly #schedule: Schedule;
  #pruner!: Pruner;
  #stepper!: Stepper;
  #evaluator!: Evaluator;
  #stopping!: EarlyStopping;
  readonly #divergence = new DivergenceWatch();
  readonly #clock = new Stopwatch();
  readonly #lastMetrics: RunResult['metrics'] = {};
  readonly #stages: RunStage[] = [];
  #trainingMs = 0;
  #step = 0;
  #validatedStep = 0;
  #stored: StoredElements | undefined;
  #floatMetrics: RunResult['floatMetrics'];
  #message: string | undefined;

  constructor(parts: RunParts, resizer?: Resizer) {
    this.#resizer = resizer;
    const { epochs, evaluateEvery, seed } = parts.settings;
    this.#parts = parts;
    this.#schedule = new Schedule(parts.deviceBatches.layout.batches.train, epochs, evaluateEvery, seed);
    this.#adopt(parts);
  }

  /** Goes on with these parts after the steps done so far; the best weights are those of this size. */
  #adopt(parts: RunParts): void {
    const { settings, backend, dataset, deviceBatches, execution, program, allocation } = parts;
    this.#parts = parts;
    const pruned = pruneSteps(settings, deviceBatches.layout.batches.train);
    this.#pruner = new Pruner(execution, program, allocation, pruned);
    this.#stepper = new Stepper(parts, this.#schedule, this.#pruner, this.#clock, this.#step);
    this.#evaluator = new Evaluator(parts, dataset.task, SLICE_MS[backend.kind]);
    this.#stopping = new EarlyStopping(settings.patience);
    this.#beWatched();
  }

  #beWatched(): void {
    this.#parts.watch?.enter(this.#parts, () => this.#stepper.submitted);
  }

  /** The clock stands still while the consumer has an event. */
  async *events(): Events {
    for await (const event of this.#course()) {
      this.#clock.stop();
      yield event;
      this.#clock.start();
    }
  }

  /** Resolves when nothing of it is on the device any more. */
  async destroy(): Promise<void> {
    await this.#parts.watch?.leave();
    this.#parts.execution.destroy();
  }

  async *#course(): Events {
    this.#parts.pace.owesEvents = false;
    yield this.#started();
    let reason: EndReason;
    try {
      reason = yield* this.#train();
      this.#parts.pace.owesEvents = true;
      await this.#parts.watch?.leave();
      if (!this.#isReplaced()) yield* this.#evaluateAtEnd(reason);
      if (!this.#isReplaced() && this.#stopping.best) await this.#showBest(this.#stopping.best.step);
    } catch (error) {
      const isLost = error instanceof BackendError && error.failure === 'lost';
      if (isLost && this.#stopping.best) {
        this.#message = error.message;
        yield this.#finished('stopped');
      }
      throw error;
    }
    this.#parts.pace.owesEvents = false;
    yield this.#finished(reason);
  }

  /** To whoever wants the weights that the run ends with. */
  async #showBest(step: number): Promise<void> {
    const { watch, onTrained } = this.#parts;
    await watch?.measureBest(this.#parts, step, this.#isReplaced);
    await onTrained?.(this.#parts);
  }

  async *#train(): Events<EndReason> {
    const { pace } = this.#parts;
    const { totalSteps } = this.#schedule;
    while (this.#step < totalSteps) {
      const boundary = this.#schedule.nextEvaluation(this.#step);
      const change = this.#resizer?.nextStep() ?? Infinity;
      if (change <= this.#step && this.#stepper.isIdle && !this.#isStopped()) {
        yield* this.#changeSize();
        continue;
      }
      if (!this.#isStopped()) this.#stepper.submit(Math.min(boundary, change), pace);
      const done = await this.#stepper.collect();
      if (!done) return 'stopped';
      const bad = this.#divergence.firstBad(done.losses);
      const losses = bad < 0 ? done.losses : done.losses.subarray(0, bad + 1);
      this.#step = done.firstStep - 1 + losses.length;
      const isBoundary = this.#step === boundary;
      pace.owesEvents = bad >= 0 || isBoundary || !this.#stepper.isIdle;
      yield this.#progress(done.firstStep, losses);
      if (bad >= 0) return this.#diverge(losses[bad]);
      await pace.yieldThread();
      if (!isBoundary) continue;

      // Asked for before the evaluation, and there when it is over.
      const { program, execution } = this.#parts;
      const spectra = program.spectra && readGradientSpectra(program, execution);
      spectra?.catch(() => {}); // thrown where it is awaited
      const metrics = this.#isReplaced() ? undefined : await this.#validate();
      if (!metrics) return 'stopped';
      if (spectra) yield { kind: 'gradient-spectra', step: this.#step, layers: await spectra };
      pace.owesEvents = this.#stopping.shouldStop || this.#step === totalSteps;
      yield this.#evaluation('validation', this.#step, metrics);
      if (!Number.isFinite(lossOf(metrics))) return this.#diverge(lossOf(metrics));
      if (this.#stopping.shouldStop) return 'early-stopped';
    }
    return 'completed';
  }

  /** The step's loss follows at once: it is what the change cost, before training makes up for it. */
  async *#changeSize(): Events {
    const { pace } = this.#parts;
    const before = this.#parts;
    const stage = await this.#measureStage();
    if (!stage) return;
    await before.watch?.leave();
    const outcome = await this.#resizer!.makeChange(before);
    if (!outcome) return this.#beWatched();
    pace.owesEvents = true;
    const { parts, refused, lostEnergy, change } = outcome;
    if (parts !== before) {
      this.#trainingMs += this.#stepper.trainingMs;
      this.#adopt(parts);
    } else this.#beWatched();
    if (refused) {
      yield { kind: 'resize-refused', step: this.#step, message: refused.message, remedy: refused.remedy };
      return;
    }
    if (change.kind === 'undo') this.#stages.pop();
    else this.#stages.push(stage);
    const { settings, allocation, program, memory } = parts;
    const about = { settings, allocation: summarise(allocation), memory };
    const otherParameters = countOtherParameters(program, allocation);
    const undone = change.kind === 'undo';
    const stages = [...this.#stages];
    yield { kind: 'resized', step: this.#step, ...about, otherParameters, lostEnergy, undone, stages };
    const metrics = this.#isReplaced() ? undefined : await this.#validate();
    if (metrics) yield this.#evaluation('validation', this.#step, metrics);
    pace.owesEvents = false;
  }

  /** The weights as they are, before they change their size. undefined: replaced meanwhile. */
  async #measureStage(): Promise<RunStage | undefined> {
    const { allocation, execution } = this.#parts;
    const validation = await this.#evaluator.evaluate('validation', this.#isReplaced);
    const test = validation && (await this.#evaluator.evaluate('test', this.#isReplaced));
    if (!validation || !test) return undefined;
    const about = { allocation: summarise(allocation), bytes: execution.allocatedBytes };
    return { ...about, step: this.#step, metrics: { validation, test } };
  }

  /**
   * Keeps the weights if they are the best so far, of those that the budget allows: tables that are
   * still to be pruned are none. undefined: replaced meanwhile.
   */
  async #validate(): Promise<Metrics | undefined> {
    const metrics = await this.#evaluator.evaluate('validation', this.#isReplaced);
    if (!metrics) return undefined;
    this.#validatedStep = this.#step;
    const isValid = Number.isFinite(lossOf(metrics)) && this.#pruner.isDone(this.#step);
    if (isValid && this.#stopping.record(this.#step, metrics)) this.#parts.execution.save();
    return metrics;
  }

  /** Goes back to the best weights; nothing if there was no evaluation before divergence. */
  async *#evaluateAtEnd(reason: EndReason): Events {
    const isPruned = this.#pruner.isDone(this.#step);
    if (reason === 'stopped' && this.#step > (isPruned ? this.#validatedStep : 0)) {
      if (!isPruned) this.#pruner.finish();
      const metrics = await this.#validate();
      if (metrics) yield this.#evaluation('validation', this.#step, metrics);
    }
    const { best } = this.#stopping;
    if (!best) return;
    this.#parts.execution.restore();
    this.#stored = await this.#pruner.countStored();
    if (!(await this.#quantise())) return;
    for (const split of ['train', 'test'] as const) {
      const metrics = await this.#evaluator.evaluate(split, this.#isReplaced);
      if (!metrics) return;
      Object.assign(this.#lastMetrics, { [split]: metrics });
      yield this.#evaluation(split, best.step, metrics);
    }
  }

  /** Rounds the tables if the settings say so, and takes the metrics again. false: replaced meanwhile. */
  async #quantise(): Promise<boolean> {
    const { settings, execution, program, allocation } = this.#parts;
    const { postTraining } = settings;
    if (postTraining === 'none') return true;
    const test = await this.#evaluator.evaluate('test', this.#isReplaced);
    if (!test) return false;
    const bits = postTraining === 'int8' ? 8 : 4;
    const before = this.#stored ?? { parameters: allocation.parameters };
    this.#stored = await quantiseTables(execution, program, allocation, bits, before);
    const validation = await this.#evaluator.evaluate('validation', this.#isReplaced);
    if (!validation) return false;
    this.#floatMetrics = { validation: this.#stopping.best!.metrics, test };
    Object.assign(this.#lastMetrics, { validation });
    return true;
  }

  readonly #isStopped = (): boolean => this.#parts.signal?.aborted === true;

  readonly #isReplaced = (): boolean => this.#isStopped() && this.#parts.signal?.reason === REPLACED;

  #diverge(loss: number): EndReason {
    const what = Number.isFinite(loss) ? `grew to ${loss.toPrecision(3)}` : 'is no longer a number';
    this.#message = `The loss ${what} at step ${this.#step.toLocaleString('en')}.`;
    return 'diverged';
  }

  #started(): TrainingEvent {
    const { settings, allocation, program, memory } = this.#parts;
    return {
      kind: 'started',
      settings,
      allocation: summarise(allocation),
      otherParameters: countOtherParameters(program, allocation),
      memory,
      totalSteps: this.#schedule.totalSteps,
    };
  }

  #progress(firstStep: number, losses: Float32Array): TrainingEvent {
    const { totalSteps } = this.#schedule;
    const { stepsPerSecond } = this.#stepper;
    return { kind: 'progress', step: this.#step, totalSteps, stepsPerSecond, firstStep, losses };
  }

  #evaluation(split: 'train' | 'validation' | 'test', step: number, metrics: Metrics): TrainingEvent {
    return { kind: 'evaluation', split, step, metrics, best: step === this.#stopping.best?.step };
  }

  #finished(reason: EndReason): TrainingEvent {
    const { best } = this.#stopping;
    const result: RunResult = {
      ...describeParts(this.#parts),
      reason,
      message: this.#message,
      stored: this.#stored,
      floatMetrics: this.#floatMetrics,
      metrics: best ? { validation: best.metrics, ...this.#lastMetrics } : {},
      bestStep: best?.step ?? 0,
      stages: [...this.#stages],
      steps: this.#step,
      msPerStep: this.#step > 0 ? (this.#trainingMs + this.#stepper.trainingMs) / this.#step : 0,
      seconds: this.#clock.elapsedMs / 1000,
    };
    return { kind: 'finished', result };
  }
}
