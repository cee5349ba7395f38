import { BackendError } from '../../backend/backend.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import { type FieldReport, reportField } from './fieldReport.ts';
import type { RunParts } from '../loop/run.ts';
import { FieldSpectrumReader } from './spectra.ts';

/** What somebody has open. */
export interface SpectrumQuery {
  readonly field: number;
  /** From all rows instead of sketches of long tables. */
  readonly exact: boolean;
}

/** What a look at a field came to. */
export interface SpectrumSnapshot {
  readonly field: number;
  /** Steps that its tables had been trained for. */
  readonly step: number;
  /** They are those of the best validation loss, at the end of the run. */
  readonly isBest: boolean;
  /** null: the vectors are more than rows of a table; or `problem` says why nothing was seen. */
  readonly report: FieldReport | null;
  readonly problem: string | null;
}

type MonitoredParts = Pick<RunParts, 'execution' | 'program' | 'allocation' | 'dataset' | 'pace'>;

interface MonitoredRun {
  readonly parts: MonitoredParts;
  /** Steps that the device has been asked for. */
  readonly step: () => number;
}

/** From a look to the next one: at least this, and so many times what the look took of the thread or waited for the device. */
export const LEAST_INTERVAL_MS = 3000;
export const INTERVAL_PER_COST = 20;
/** A run, or its next size, trains for a moment before it is looked at. */
export const SETTLING_MS = 250;
export const SURPRISING_ROWS = 12;

/**
 * Looks every few seconds at the field that somebody has open, while a run trains: never more than a twentieth of the time. The
 * run says which execution there is to look at, and awaits `leave` before it destroys it.
 */
export class SpectrumMonitor {
  readonly #show: (picture: SpectrumSnapshot) => void;
  #watched: SpectrumQuery | null;
  #scene: MonitoredRun | undefined;
  #probe: { readonly field: number; readonly probe: FieldSpectrumReader } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  /** Whether what is being looked at is wanted no more. */
  #isOver = (): boolean => false;
  #dueMs = 0;
  /** Of the last look: where nothing was trained since, there is nothing new. */
  #lastStep: number | undefined;
  /** What the last look took of this thread and waited for the device; not what others had of the thread meanwhile. */
  #costMs = 0;
  #yieldedMs = 0;

  constructor(watched: SpectrumQuery | null, show: (picture: SpectrumSnapshot) => void) {
    this.#watched = watched;
    this.#show = show;
  }

  /** Somebody has opened this, which is looked at at once; null: closed it. */
  watch(watched: SpectrumQuery | null): void {
    this.#watched = watched;
    this.#askFor(0);
  }

  /** From now on there are these parts to look at. */
  enter(parts: MonitoredParts, step: () => number): void {
    this.#scene = { parts, step };
    this.#askFor(performance.now() + SETTLING_MS);
  }

  /** Resolves when nothing of the execution is used any more. */
  async leave(): Promise<void> {
    this.#scene = undefined;
    clearTimeout(this.#timer);
    await this.#looking;
    this.#close();
  }

  /** What is watched of the weights that a run ends with, in parts that were left. Resolves when it is shown. */
  async measureBest(parts: MonitoredParts, step: number, isCancelled: () => boolean): Promise<void> {
    const watched = this.#watched;
    if (!watched) return;
    this.#isOver = isCancelled;
    this.#looking = this.#lookAt({ parts, step: () => step }, watched).then((picture) => {
      if (picture) this.#show({ ...picture, isBest: true });
    });
    await this.#looking;
    this.#looking = undefined;
    this.#close();
  }

  #askFor(dueMs: number): void {
    this.#dueMs = dueMs;
    this.#lastStep = undefined;
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#looking) return;
    if (!this.#watched) return this.#close();
    if (!this.#scene || this.#dueMs === Infinity) return;
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, this.#dueMs - performance.now()));
  }

  #begin(): void {
    this.#looking = this.#look(this.#scene!, this.#watched!).then(() => {
      this.#looking = undefined;
      this.#schedule();
    });
  }

  async #look(scene: MonitoredRun, watched: SpectrumQuery): Promise<void> {
    this.#isOver = () => this.#scene !== scene || this.#watched !== watched;
    const picture = scene.step() === this.#lastStep ? undefined : await this.#lookAt(scene, watched);
    if (picture) this.#show(picture);
    if (this.#isOver()) return;
    this.#lastStep = picture?.step ?? this.#lastStep;
    const isFruitless = picture !== undefined && picture.report === null;
    const waitMs = Math.max(LEAST_INTERVAL_MS, INTERVAL_PER_COST * this.#costMs);
    this.#dueMs = isFruitless ? Infinity : performance.now() + waitMs;
  }

  /** undefined: it is over, or the device is gone, of which the run will tell. */
  async #lookAt(scene: MonitoredRun, { field, exact }: SpectrumQuery): Promise<SpectrumSnapshot | undefined> {
    const { dataset } = scene.parts;
    const about = { field, isBest: false, report: null, problem: null };
    try {
      const probe = await this.#probeOf(scene, field);
      const step = scene.step();
      if (!probe) return { ...about, step };
      const startMs = performance.now();
      this.#yieldedMs = 0;
      const seen = await (exact ? probe.measureExactly() : probe.measure());
      const leverages = await probe.leverages(seen);
      const report = reportField(dataset.fields[field], seen, leverages, SURPRISING_ROWS);
      this.#costMs = performance.now() - startMs - this.#yieldedMs;
      return { ...about, step, report };
    } catch (error) {
      if (error === OVER || (error instanceof BackendError && error.failure === 'lost')) return undefined;
      return { ...about, step: scene.step(), problem: describeProblem(error) };
    }
  }

  /** undefined: the vectors are more than rows of a table. */
  async #probeOf({ parts }: MonitoredRun, field: number): Promise<FieldSpectrumReader | undefined> {
    if (this.#probe?.field === field) return this.#probe.probe;
    this.#close();
    const { execution, program, allocation, dataset, pace } = parts;
    const blocks = storedBlocks(program, allocation).filter((block) => block.field === field);
    if (blocks.length === 0) return undefined;
    const yieldThread = async (): Promise<void> => {
      const startMs = performance.now();
      await pace.yieldThread();
      this.#yieldedMs += performance.now() - startMs;
      if (this.#isOver()) throw OVER;
    };
    const probe = await FieldSpectrumReader.open(execution, blocks, dataset.fields[field].counts, {
      yieldThread,
    });
    this.#probe = { field, probe };
    return probe;
  }

  #close(): void {
    this.#probe?.probe.close();
    this.#probe = undefined;
  }
}

/** What happened and what to do about it, of an error of this project or any other. */
export function describeProblem(error: unknown): string {
  const { message = String(error), remedy = '' } = error as { message?: string; remedy?: string };
  return `${message} ${remedy}`.trim();
}

/** Thrown where a look ends because nobody wants it any more. */
export const OVER = new Error('Nobody waits for this look.');
