import { BackendError } from '../../backend/backend.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import type { RunRequest } from '../plan/planRun.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import { DeviceRows } from './deviceRows.ts';
import {
  describeProblem,
  NOT_AWAITED,
  reporting,
  type SpectrumQuery,
  type SpectrumSnapshot,
  SURPRISING_ROWS,
} from './fieldReport.ts';
import {
  briefTurns,
  measureField,
  measureFieldExactly,
  measureLeverages,
  type YieldThread,
} from './measureField.ts';

/** The part of a run that measuring needs. */
type MeasurableRun = Pick<PreparedRun, 'execution' | 'program' | 'allocation'> & {
  readonly request: Pick<RunRequest, 'dataset'>;
};

/** The run that is measured while it trains. */
interface MonitoredRun {
  readonly run: MeasurableRun;
  /** How many steps the device has been handed. */
  readonly step: () => number;
}

/** The wait after a measurement: at least so long, and at least so many times what it took (INTERVAL_PER_COST). */
export const LEAST_INTERVAL_MS = 3000;
export const INTERVAL_PER_COST = 20;
/** A run trains so long, at each of its sizes, before it is measured. */
export const SETTLING_MS = 250;

/**
 * While a run trains, measures every few seconds the field whose spectrum the page shows, for at most a twentieth of the time. The run
 * calls `enter` when there is something to measure, and awaits `leave` before it destroys it.
 */
export class SpectrumMonitor {
  readonly #show: (snapshot: SpectrumSnapshot) => void;
  readonly #yieldThread: YieldThread;
  #query: SpectrumQuery | null;
  #monitored: MonitoredRun | undefined;
  #open: DeviceRows | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #measuring: Promise<void> | undefined;
  /** Whether the measurement in progress is no longer wanted. */
  #isOver = (): boolean => false;
  #dueMs = 0;
  /** The step of the last measurement. Until a further step is trained there is nothing new to measure. */
  #lastStep: number | undefined;
  /**
   * How long the last measurement worked on this thread or waited for the device. The time in which it had yielded the thread does
   * not count.
   */
  #costMs = 0;
  #yieldedMs = 0;

  constructor(
    query: SpectrumQuery | null,
    show: (snapshot: SpectrumSnapshot) => void,
    yieldThread: YieldThread = () => Promise.resolve(),
  ) {
    this.#query = query;
    this.#show = show;
    this.#yieldThread = yieldThread;
  }

  /** Says which spectrum the page shows now. It is measured at once. null: none. */
  setQuery(query: SpectrumQuery | null): void {
    this.#query = query;
    this.#askFor(0);
  }

  /** Says that this run can be measured from now on. */
  enter(run: MeasurableRun, step: () => number): void {
    this.#monitored = { run, step };
    this.#askFor(performance.now() + SETTLING_MS);
  }

  /** Resolves when the monitor uses nothing of the run's execution any more. */
  async leave(): Promise<void> {
    this.#monitored = undefined;
    clearTimeout(this.#timer);
    await this.#measuring;
    this.#close();
  }

  /** Measures the weights that a run ends with, after `leave`. Resolves when the result is shown. */
  async measureBest(run: MeasurableRun, step: number, isCancelled: () => boolean): Promise<void> {
    const query = this.#query;
    if (!query) return;
    this.#isOver = isCancelled;
    this.#measuring = this.#measureField({ run, step: () => step }, query).then((snapshot) => {
      if (snapshot) this.#show({ ...snapshot, isBest: true });
    });
    await this.#measuring;
    this.#measuring = undefined;
    this.#close();
  }

  #askFor(dueMs: number): void {
    this.#dueMs = dueMs;
    this.#lastStep = undefined;
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#measuring) return;
    if (!this.#query) return this.#close();
    if (!this.#monitored || this.#dueMs === Infinity) return;
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, this.#dueMs - performance.now()));
  }

  #begin(): void {
    this.#measuring = this.#measure(this.#monitored!, this.#query!).then(() => {
      this.#measuring = undefined;
      this.#schedule();
    });
  }

  async #measure(monitored: MonitoredRun, query: SpectrumQuery): Promise<void> {
    this.#isOver = () => this.#monitored !== monitored || this.#query !== query;
    const snapshot =
      monitored.step() === this.#lastStep ? undefined : await this.#measureField(monitored, query);
    if (snapshot) this.#show(snapshot);
    if (this.#isOver()) return;
    this.#lastStep = snapshot?.step ?? this.#lastStep;
    const isFruitless = snapshot !== undefined && snapshot.report === null;
    const waitMs = Math.max(LEAST_INTERVAL_MS, INTERVAL_PER_COST * this.#costMs);
    this.#dueMs = isFruitless ? Infinity : performance.now() + waitMs;
  }

  /** undefined: it is no longer wanted, or the device is lost, which the run itself reports. */
  async #measureField(
    monitored: MonitoredRun,
    { field, exact }: SpectrumQuery,
  ): Promise<SpectrumSnapshot | undefined> {
    const { dataset } = monitored.run.request;
    const about = { field, isBest: false, report: null, problem: null };
    try {
      const rows = await this.#rowsOf(monitored, field);
      const step = monitored.step();
      if (!rows) return { ...about, step };
      const startMs = performance.now();
      this.#yieldedMs = 0;
      const spectrum = await (exact ? measureFieldExactly : measureField)(rows, this.#yieldWhileWanted);
      const leverages = await measureLeverages(rows, spectrum);
      const report = await briefTurns(this.#yieldWhileWanted).work(
        reporting(dataset.fields[field], spectrum, leverages, SURPRISING_ROWS),
      );
      this.#costMs = performance.now() - startMs - this.#yieldedMs;
      return { ...about, step, report };
    } catch (error) {
      if (error === NOT_AWAITED || (error instanceof BackendError && error.failure === 'lost'))
        return undefined;
      return { ...about, step: monitored.step(), problem: describeProblem(error) };
    }
  }

  /** undefined: the vectors are not plain rows of a table. */
  async #rowsOf({ run }: MonitoredRun, field: number): Promise<DeviceRows | undefined> {
    if (this.#open?.field === field) return this.#open;
    this.#close();
    const { execution, program, allocation, request } = run;
    const blocks = storedBlocks(program, allocation).filter((block) => block.field === field);
    if (blocks.length === 0) return undefined;
    const { counts } = request.dataset.fields[field];
    this.#open = await DeviceRows.open(execution, blocks, counts, { yieldThread: this.#yieldWhileWanted });
    return this.#open;
  }

  readonly #yieldWhileWanted = async (): Promise<void> => {
    const startMs = performance.now();
    await this.#yieldThread();
    this.#yieldedMs += performance.now() - startMs;
    if (this.#isOver()) throw NOT_AWAITED;
  };

  #close(): void {
    this.#open?.close();
    this.#open = undefined;
  }
}
