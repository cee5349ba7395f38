import { BackendError } from '../../backend/backend.ts';
import { GivenUp, type Pace, Turns } from '../../pieces/pieces.ts';
import { lossOf, type Metrics } from '../../metrics/metrics.ts';
import { EpochOrder } from '../batches/windows.ts';
import type { Checkpoint, CheckpointKeeper } from '../checkpoint/checkpoint.ts';
import type { EndReason, RunResult, RunStage, StoredElements, TrainingEvent } from '../events/events.ts';
import { pruneSteps } from '../plan/buildProgram.ts';
import { describeRun, describeSize, summarise } from '../plan/describeRun.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import type { Resizer } from '../resize/resizer.ts';
import type { SpectrumMonitor } from '../spectrum/spectrumMonitor.ts';
import { readSavedWeights, readState, restoreState } from '../weights/modelState.ts';
import { quantiseTables } from '../weights/postTraining.ts';
import { Evaluator, readGradientSpectra } from './evaluator.ts';
import { Pruner } from './pruner.ts';
import { reportTest } from './reportTest.ts';
import { RunHistory } from './runHistory.ts';
import { Schedule } from './schedule.ts';
import type { Scheduling } from './scheduling.ts';
import { type DoneSlice, describeDivergence, StepLoop } from './stepLoop.ts';
import { DivergenceWatch, EarlyStopping } from './stopping.ts';

/** The reason to abort a run that must make room at once, without a last evaluation. */
export const REPLACED = 'replaced';

/** Whatever may act on a run while it trains. It decides when things happen and where the run ends, and changes no number. */
export interface RunControl {
  readonly scheduling: Scheduling;
  readonly signal?: AbortSignal | undefined;
  /** Measures the tables between steps. */
  readonly monitor?: SpectrumMonitor | undefined;
  /** Gets a checkpoint of the run now and then. */
  readonly checkpoints?: CheckpointKeeper | undefined;
  /**
   * Awaited at the end of a run that was evaluated, when the execution holds its best weights again. Work on them takes its rests at
   * `pace`, and may reject with its GivenUp.
   */
  readonly onTrained?:
    | ((run: PreparedRun, pace: Pace, metrics: RunResult['metrics']) => Promise<void>)
    | undefined;
}

type Events<Result = void> = AsyncGenerator<TrainingEvent, Result, void>;

/** One run from its start to its result: steps, evaluations, resizes, the best weights, the end. */
export class Run {
  readonly #control: RunControl;
  /** Of work that nobody wants any more when the run is replaced. */
  readonly #pace: Pace;
  readonly #resizer: Resizer | undefined;
  #run: PreparedRun;
  readonly #schedule: Schedule;
  #pruner!: Pruner;
  #loop!: StepLoop;
  #evaluator!: Evaluator;
  #stopping!: EarlyStopping;
  readonly #divergence: DivergenceWatch;
  readonly #history: RunHistory;
  readonly #lastMetrics: RunResult['metrics'] = {};
  #from: Checkpoint | undefined;
  #stored: StoredElements | undefined;
  #floatMetrics: RunResult['floatMetrics'];
  #testIntervals: RunResult['testIntervals'];
  #testReport: RunResult['testReport'];
  #testPredictions: Float32Array | undefined;
  #message: string | undefined;

  /** `from`: a checkpoint of this run, prepared at the size that it has there, to go on from. */
  constructor(run: PreparedRun, control: RunControl, resizer?: Resizer, from?: Checkpoint) {
    this.#control = control;
    this.#pace = new Turns({
      yieldThread: control.scheduling.yieldThread,
      isGivenUp: this.#isReplaced,
    });
    this.#resizer = resizer;
    const { epochs, evaluateEvery, seed } = run.settings;
    this.#run = run;
    this.#schedule = new Schedule(new EpochOrder(run.layout.windows, seed), epochs, evaluateEvery);
    const { kind: backend, adapter } = run.request.backend;
    this.#from = from;
    this.#divergence = new DivergenceWatch(from?.position.divergenceLimit);
    this.#history = new RunHistory({ backend, adapter }, from);
    this.#adopt(run, from?.position.search);
  }

  /** Goes on with this run after the steps done so far. Without `search`, that for the best weights begins anew: they are of one size. */
  #adopt(run: PreparedRun, search?: Checkpoint['position']['search']): void {
    const { settings, layout, execution, program, allocation } = run;
    const { scheduling, signal } = this.#control;
    this.#run = run;
    const pruner = new Pruner(execution, program, allocation, pruneSteps(settings, layout.batches.train));
    const { clock, step } = this.#history;
    const shared = { schedule: this.#schedule, clock, divergence: this.#divergence };
    this.#pruner = pruner;
    this.#loop = new StepLoop(run, { ...shared, scheduling, signal, pruner, done: step });
    this.#evaluator = new Evaluator(run, scheduling);
    this.#stopping = new EarlyStopping(settings.patience, search);
    this.#letMonitor();
  }

  #letMonitor(): void {
    this.#control.monitor?.enter(this.#run, () => this.#loop.submitted);
  }

  /** The clock stands still while the consumer handles an event. */
  async *events(): Events {
    for await (const event of this.#course()) {
      this.#history.clock.stop();
      yield event;
      this.#history.clock.start();
    }
  }

  /** Resolves when the device holds nothing of the run any more. */
  async destroy(): Promise<void> {
    await this.#control.monitor?.leave();
    this.#run.execution.destroy();
  }

  async *#course(): Events {
    const { spectra } = this.#run.request;
    const { totalSteps } = this.#schedule;
    yield { kind: 'started', ...describeSize(this.#run), spectra, totalSteps };
    let reason: EndReason;
    try {
      if (this.#from) yield* this.#resume(this.#from);
      reason = yield* this.#train();
      await this.#control.checkpoints?.settled();
      await this.#control.monitor?.leave();
      if (!this.#isReplaced()) yield* this.#evaluateAtEnd(reason);
      if (!this.#isReplaced() && this.#stopping.best) await this.#showBest(this.#stopping.best);
    } catch (error) {
      if (error instanceof GivenUp) return yield this.#finished('stopped');
      // A run with checkpoints can go on elsewhere; of another one, what it has reached is told.
      const isLost = error instanceof BackendError && error.failure === 'lost';
      if (!(isLost && this.#control.checkpoints) && this.#step > 0) {
        this.#message = error instanceof Error ? error.message : String(error);
        yield this.#finished('failed');
      }
      throw error;
    }
    yield this.#finished(reason);
  }

  /** Lets others read the weights that the run ends with. */
  async #showBest({ step, metrics }: NonNullable<EarlyStopping['best']>): Promise<void> {
    const { monitor, onTrained } = this.#control;
    await monitor?.measureBest(this.#run, step, this.#isReplaced);
    await onTrained?.(this.#run, this.#pace, { validation: metrics, ...this.#lastMetrics });
  }

  async *#train(): Events<EndReason> {
    const { totalSteps } = this.#schedule;
    while (this.#step < totalSteps) {
      await this.#loop.ready();
      const boundary = this.#schedule.nextEvaluation(this.#step);
      const change = this.#resizer?.nextStep() ?? Infinity;
      const isQuiet = this.#loop.isIdle && !this.#isStopped();
      if (change <= this.#step && isQuiet) {
        yield* this.#changeSize();
        continue;
      }
      const isDue = this.#isCheckpointDue();
      if (isDue && isQuiet) await this.#keepCheckpoint();
      // Steps in flight are waited for first: a checkpoint is one of a run between two steps.
      const halt = isDue && !isQuiet ? this.#loop.submitted : Infinity;
      const done = await this.#loop.next(Math.min(boundary, change, halt));
      if (!done) {
        if (!this.#isStopped()) continue; // paused meanwhile
        if (!this.#isReplaced() && this.#isCheckpointDue()) await this.#keepCheckpoint();
        return 'stopped';
      }
      this.#history.step = done.lastStep;
      if (this.#control.checkpoints) this.#history.losses.add(done.losses);
      yield this.#progress(done);
      if (done.divergedLoss !== undefined) return this.#diverge(done.divergedLoss);
      await this.#control.scheduling.yieldThread();
      if (this.#step !== boundary) continue;

      // Read at the same time as the evaluation, which follows on the device.
      const spectra = this.#run.program.spectra && readGradientSpectra(this.#run);
      spectra?.catch(() => {}); // thrown where it is awaited
      const metrics = this.#isReplaced() ? undefined : await this.#validate();
      if (!metrics) return 'stopped';
      if (spectra) yield { kind: 'gradient-spectra', step: this.#step, layers: await spectra };
      yield this.#evaluation('validation', this.#step, metrics);
      if (!Number.isFinite(lossOf(metrics))) return this.#diverge(lossOf(metrics));
      if (this.#stopping.shouldStop) return 'early-stopped';
    }
    return 'completed';
  }

  /** Puts the device where the checkpoint was taken. */
  async *#resume({ state, best, losses, position }: Checkpoint): Events {
    const { execution, program } = this.#run;
    await restoreState(execution, program, state, best, this.#pace);
    this.#from = undefined; // its arrays are as large as the model
    const { step, totalSteps, evaluations, stages, isEvaluationDue } = position;
    const { trainedOn } = this.#history;
    yield { kind: 'resumed', step, totalSteps, losses, evaluations, stages, trainedOn };
    if (isEvaluationDue) yield* this.#evaluateSize();
  }

  get #step(): number {
    return this.#history.step;
  }

  #isCheckpointDue(): boolean {
    return this.#step > 0 && this.#control.checkpoints?.isDue(this.#step) === true;
  }

  /** Copies the state, and lets it be written while training goes on. */
  async #keepCheckpoint(isEvaluationDue = false): Promise<void> {
    const { checkpoints } = this.#control;
    if (!checkpoints) return;
    const startMs = performance.now();
    const { request, settings, allocation, program, execution } = this.#run;
    const { search } = this.#stopping;
    const checkpoint: Checkpoint = {
      asked: request.settings,
      spectra: request.spectra,
      size: { settings, allocation },
      position: {
        ...this.#history.position(this.#loop.trainingMs),
        totalSteps: this.#schedule.totalSteps,
        isEvaluationDue,
        search,
        divergenceLimit: this.#divergence.limit,
      },
      losses: this.#history.losses.copy(),
      state: await readState(execution, program, this.#pace),
      best: search.best && (await readSavedWeights(execution, program, this.#pace)),
      changes: this.#resizer?.made ?? { taken: 0, history: [] },
    };
    checkpoints.keep(checkpoint, performance.now() - startMs);
  }

  /** Evaluates at once after the change: this is what it cost, before training makes up for it. */
  async *#changeSize(): Events {
    const before = this.#run;
    const stage = await this.#measureStage();
    if (!stage) return;
    await this.#control.monitor?.leave();
    const outcome = await this.#resizer!.makeChange(before, this.#pace);
    if (!outcome) return this.#letMonitor();
    const { run, refused, lostEnergy, change } = outcome;
    if (run !== before) {
      this.#history.trainingMs += this.#loop.trainingMs;
      this.#adopt(run);
    } else this.#letMonitor();
    if (refused) {
      yield { kind: 'resize-refused', step: this.#step, message: refused.message, remedy: refused.remedy };
      return;
    }
    const undone = change.kind === 'undo';
    this.#history.changeSize(stage, undone);
    // A change that was told of is never taken back by a loss of the device.
    await this.#keepCheckpoint(true);
    const { stages } = this.#history;
    yield { kind: 'resized', step: this.#step, ...describeSize(run), lostEnergy, undone, stages };
    yield* this.#evaluateSize();
  }

  async *#evaluateSize(): Events {
    const metrics = this.#isReplaced() ? undefined : await this.#validate();
    if (metrics) yield this.#evaluation('validation', this.#step, metrics);
  }

  /** Evaluates the weights before they change their size. undefined: the run was replaced meanwhile. */
  async #measureStage(): Promise<RunStage | undefined> {
    const { allocation, execution } = this.#run;
    const validation = await this.#evaluator.evaluate('validation', this.#isReplaced);
    const test = validation && (await this.#evaluator.evaluate('test', this.#isReplaced));
    if (!validation || !test) return undefined;
    const about = { allocation: summarise(allocation), bytes: execution.allocatedBytes };
    return { ...about, step: this.#step, metrics: { validation, test } };
  }

  /**
   * Evaluates on validation and keeps the weights if they are the best so far. Tables that are not pruned yet exceed the budget and
   * are never the best. undefined: the run was replaced meanwhile.
   */
  async #validate(): Promise<Metrics | undefined> {
    const metrics = await this.#evaluator.evaluate('validation', this.#isReplaced, 'sample');
    if (!metrics) return undefined;
    this.#history.addEvaluation(metrics);
    const isValid = Number.isFinite(lossOf(metrics)) && this.#pruner.isDone(this.#step);
    if (isValid && this.#stopping.record(this.#step, metrics)) await this.#run.execution.save(this.#pace);
    return metrics;
  }

  /** Goes back to the best weights and evaluates them; does nothing if the run diverged before its first evaluation. */
  async *#evaluateAtEnd(reason: EndReason): Events {
    const isPruned = this.#pruner.isDone(this.#step);
    if (reason === 'stopped' && this.#step > (isPruned ? this.#history.validatedStep : 0)) {
      if (!isPruned) this.#pruner.finish();
      const metrics = await this.#validate();
      if (metrics) yield this.#evaluation('validation', this.#step, metrics);
    }
    const { best } = this.#stopping;
    if (!best) return;
    await this.#run.execution.restore(this.#pace);
    this.#stored = await this.#pruner.countStored(this.#pace);
    if (!(await this.#quantise())) return;
    const { dataset } = this.#run.request;
    for (const split of this.#evaluator.lastSplits) {
      const measured = await this.#evaluator.measureAll(split, this.#isReplaced);
      if (!measured) return;
      const { metrics, intervals, predictions } = measured;
      Object.assign(this.#lastMetrics, { [split]: metrics });
      if (split === 'test') {
        this.#testIntervals = intervals;
        this.#testReport = predictions && reportTest(dataset, predictions, metrics, intervals);
        this.#testPredictions = predictions?.values;
      }
      yield this.#evaluation(split, best.step, metrics);
    }
  }

  /** Rounds the tables if the settings say so, and evaluates again. false: the run was replaced meanwhile. */
  async #quantise(): Promise<boolean> {
    const { settings, allocation } = this.#run;
    if (settings.postTraining === 'none') return true;
    const test = await this.#evaluator.evaluate('test', this.#isReplaced);
    if (!test) return false;
    const before = this.#stored ?? { parameters: allocation.parameters };
    this.#stored = await quantiseTables(this.#run, before, this.#pace);
    const validation = await this.#evaluator.evaluate('validation', this.#isReplaced);
    if (!validation) return false;
    this.#floatMetrics = { validation: this.#stopping.best!.metrics, test };
    Object.assign(this.#lastMetrics, { validation });
    return true;
  }

  readonly #isStopped = (): boolean => this.#control.signal?.aborted === true;

  readonly #isReplaced = (): boolean => this.#isStopped() && this.#control.signal?.reason === REPLACED;

  #diverge(loss: number): EndReason {
    this.#message = describeDivergence(loss, this.#step);
    return 'diverged';
  }

  #progress({ firstStep, losses }: DoneSlice): TrainingEvent {
    const { totalSteps } = this.#schedule;
    const { stepsPerSecond } = this.#loop;
    return { kind: 'progress', step: this.#step, totalSteps, stepsPerSecond, firstStep, losses };
  }

  #evaluation(split: 'train' | 'validation' | 'test', step: number, metrics: Metrics): TrainingEvent {
    return { kind: 'evaluation', split, step, metrics, best: step === this.#stopping.best?.step };
  }

  #finished(reason: EndReason): TrainingEvent {
    const { best } = this.#stopping;
    const { step, stages, trainedOn, trainingMs, elapsedMs } = this.#history.position(this.#loop.trainingMs);
    const result: RunResult = {
      ...describeRun(this.#run),
      reason,
      message: this.#message,
      stored: this.#stored,
      floatMetrics: this.#floatMetrics,
      testIntervals: this.#testIntervals,
      testReport: this.#testReport,
      metrics: best ? { validation: best.metrics, ...this.#lastMetrics } : {},
      bestStep: best?.step ?? 0,
      stages,
      steps: step,
      msPerStep: step > 0 ? trainingMs / step : 0,
      seconds: elapsedMs / 1000,
      ...(trainedOn.length > 1 && { trainedOn }),
    };
    return { kind: 'finished', result, testPredictions: this.#testPredictions };
  }
}
