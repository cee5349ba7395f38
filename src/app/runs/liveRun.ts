import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RequestedRun } from './requestedRun.ts';
import type { RunRecord } from './runRecord.ts';
import { appendPoint, BucketedMean, type Curve, emptyCurve } from '../loss/curve.ts';
import { readLoss } from '../accuracy/metrics.ts';
import type {
  TrainingMemory,
  AllocationSummary,
  LayerSpectrum,
  ResolvedSettings,
  RunStage,
  TrainingEvent,
} from '../../training/events/events.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { SpectrumSnapshot } from '../../training/spectrum/fieldReport.ts';

/** What is known of the run in progress. Replaced, never changed, at most 6 times a second. */
export interface LiveRun {
  readonly runId: string | null;
  readonly settings: ResolvedSettings | null;
  readonly allocation: AllocationSummary | null;
  readonly otherParameters: number;
  readonly memory: TrainingMemory | null;
  /** Before the first step: how far the warm-up is whose spectra choose the dims. */
  readonly warmUp: { readonly step: number; readonly totalSteps: number } | null;
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerSecond: number;
  /** The sizes it has gone through. */
  readonly stages: readonly RunStage[];
  readonly trainLoss: Curve;
  readonly validationLoss: Curve;
  /** The last evaluation on the validation split. */
  readonly validation: Metrics | null;
  /** Of gradients with factors, before that evaluation. */
  readonly gradientSpectra: readonly LayerSpectrum[];
  /** Of the run before until there are some of this one. */
  readonly spectra: Spectra | null;
}

/** The last snapshots of a run's tables. */
export interface Spectra {
  readonly run: Pick<RequestedRun, 'id' | 'name' | 'settings'>;
  readonly snapshots: ReadonlyMap<number, SpectrumSnapshot>; // by field
}

const idle: LiveRun = {
  runId: null,
  settings: null,
  allocation: null,
  otherParameters: 0,
  memory: null,
  warmUp: null,
  step: 0,
  totalSteps: 0,
  stepsPerSecond: 0,
  stages: [],
  trainLoss: emptyCurve,
  validationLoss: emptyCurve,
  validation: null,
  gradientSpectra: [],
  spectra: null,
};

export type LiveStore = StoreApi<LiveRun>;

export const createLiveStore = (): LiveStore => createStore<LiveRun>(() => idle);

const FLUSH_INTERVAL_MS = 1000 / 6;

/** Collects events as fast as they come and hands a summary to the live store six times a second, a run's first step at once. */
export class LiveRecorder {
  readonly #store: LiveStore;
  #run: LiveRun = idle;
  #trainLoss = new BucketedMean();
  /** Of a run that ended before and is shown again. */
  #endedLoss: Curve | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushedMs = -Infinity;

  constructor(store: LiveStore) {
    this.#store = store;
  }

  /** A run was asked for: its line starts empty, even before its first event. */
  begin(runId: string): void {
    this.#endedLoss = undefined;
    this.#trainLoss = new BucketedMean();
    // The memory of the run before stays until the new one is known, so that nothing flickers.
    const { memory, allocation, settings, otherParameters, spectra } = this.#run;
    this.#run = { ...idle, runId, memory, allocation, settings, otherParameters, spectra };
    this.flush();
  }

  add(event: TrainingEvent): void {
    if (event.kind === 'warming-up') {
      const { step, totalSteps } = event;
      this.#run = { ...this.#run, warmUp: { step, totalSteps } };
    } else if (event.kind === 'started') {
      const { settings, allocation, otherParameters, memory, totalSteps } = event;
      // Begun again after its device was lost: 'resumed' brings back what it knows of the steps before.
      if (this.#run.step > 0) this.#forgetSteps();
      this.#run = {
        ...this.#run,
        settings,
        allocation,
        otherParameters,
        memory,
        totalSteps,
        warmUp: null,
      };
    } else if (event.kind === 'resumed') {
      const { step, totalSteps, losses, evaluations, stages } = event;
      this.#forgetSteps();
      for (let i = 0; i < losses.length; i++) this.#trainLoss.add(i + 1, losses[i]);
      for (const { step: at, metrics } of evaluations) this.#addEvaluation(at, metrics);
      this.#run = { ...this.#run, step, totalSteps, stages };
    } else if (event.kind === 'resized') {
      const { settings, allocation, otherParameters, memory, stages } = event;
      this.#run = { ...this.#run, settings, allocation, otherParameters, memory, stages };
    } else if (event.kind === 'progress') {
      const { step, totalSteps, stepsPerSecond, firstStep, losses } = event;
      for (let i = 0; i < losses.length; i++) this.#trainLoss.add(firstStep + i, losses[i]);
      const isFirst = this.#run.step === 0;
      this.#run = { ...this.#run, step, totalSteps, stepsPerSecond };
      // Someone has just let go of a slider: the first step is not made to wait.
      if (isFirst) return this.flush();
    } else if (event.kind === 'evaluation' && event.split === 'validation') {
      this.#addEvaluation(event.step, event.metrics);
    } else if (event.kind === 'gradient-spectra') {
      this.#run = { ...this.#run, gradientSpectra: event.layers };
    }
    this.#schedule();
  }

  #forgetSteps(): void {
    this.#trainLoss = new BucketedMean();
    const { trainLoss, validationLoss, validation, gradientSpectra, stages } = idle;
    this.#run = { ...this.#run, step: 0, stages, trainLoss, validationLoss, validation, gradientSpectra };
  }

  /** A run that ended before, as it was at its end. */
  show({ id, result, trainLoss, validationLoss }: RunRecord): void {
    const { settings, otherParameters, stages = [], steps, metrics } = result;
    this.#trainLoss = new BucketedMean();
    this.#endedLoss = trainLoss;
    this.#run = {
      ...idle,
      runId: id,
      settings,
      allocation: result.allocation,
      otherParameters,
      step: steps,
      totalSteps: steps,
      stages,
      validationLoss,
      validation: metrics.validation ?? null,
    };
    this.flush();
  }

  showSpectrum(run: Spectra['run'], snapshot: SpectrumSnapshot): void {
    const { spectra } = this.#run;
    const before = spectra?.run.id === run.id ? [...spectra.snapshots] : [];
    const snapshots = new Map([...before, [snapshot.field, snapshot] as const]);
    this.#run = { ...this.#run, spectra: { run, snapshots } };
    this.#schedule();
  }

  /** Of other data. */
  forgetSpectra(): void {
    this.#run = { ...this.#run, spectra: null };
    this.#schedule();
  }

  #addEvaluation(step: number, metrics: Metrics): void {
    const loss = readLoss(metrics);
    const { validationLoss } = this.#run;
    this.#run = {
      ...this.#run,
      validation: metrics,
      validationLoss: loss === undefined ? validationLoss : appendPoint(validationLoss, step, loss),
    };
  }

  /** What is known now, not what was last flushed. */
  current(): LiveRun {
    return { ...this.#run, trainLoss: this.#endedLoss ?? this.#trainLoss.curve() };
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushedMs = performance.now();
    this.#store.setState(this.current(), true);
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#flushedMs + FLUSH_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (typeof document !== 'undefined' && document.hidden) this.#flushWhenVisible();
      else this.flush();
    }, waitMs);
  }

  #flushWhenVisible(): void {
    document.addEventListener('visibilitychange', () => this.flush(), { once: true });
  }
}
