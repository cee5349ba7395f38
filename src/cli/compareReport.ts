import type { AskedBudget } from '../comparison/askedBudgets.ts';
import type { Unreachable } from '../comparison/comparisonRuns.ts';
import {
  type ComparedRun,
  formatSummary,
  type ShownMetric,
  summarise,
  type TableStyle,
} from '../comparison/summary.ts';
import type { Dataset, Task } from '../data/dataset.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrainingEvent } from '../training/events/events.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import type { ResultFile } from './resultFile.ts';
import { showTraining } from './trainReport.ts';

/** Of the test split, in the order of the columns. */
const shownMetrics: Readonly<Record<Task, readonly [ShownMetric, ShownMetric]>> = {
  click: [
    { id: 'auc', label: 'AUC', digits: 4 },
    { id: 'logLoss', label: 'log loss', digits: 4 },
  ],
  rating: [
    { id: 'rmse', label: 'RMSE', digits: 4 },
    { id: 'mse', label: 'MSE', digits: 4 },
  ],
};

const SHOWN_PROBLEMS = 5;

/** Lines on stdout; progress and the table on stderr. */
export class ComparisonReport {
  readonly #dataset: Dataset;
  readonly #total: number;
  readonly #lines: ComparisonLine[] = [];
  readonly #live = showTraining();
  #failures = 0;
  #isWaiting = false;

  constructor(dataset: Dataset, total: number) {
    this.#dataset = dataset;
    this.#total = total;
  }

  get hasFailures(): boolean {
    return this.#failures > 0;
  }

  progress(event: TrainingEvent): void {
    this.#live.show(event);
  }

  /** The method is left out at this budget. */
  unreachable({ asked, method, budget, message, remedy, range }: Unreachable): void {
    const data = this.#dataset.name;
    write({ event: 'unreachable', method, budget, askedBudget: asked.text, reachable: range, message, data });
    const reach = range ? ` It reaches ${range.min} to ${range.max} parameters.` : ` ${remedy}`;
    this.#say(`${method} at ${asked.text} is left out. ${message}${reach}`);
  }

  finished(line: ComparisonLine): void {
    if (line.reason === 'diverged') this.#failures++;
    this.#add(line, `${line.seconds.toFixed(1)} s`);
  }

  /** A line that the result file already holds. */
  kept(line: ComparisonLine): void {
    this.#add(line, 'kept');
  }

  failed(asked: AskedBudget, settings: Settings, error: Error & { readonly remedy?: unknown }): void {
    this.#failures++;
    const { method, budget, seed } = settings;
    const { message, remedy } = error;
    const data = this.#dataset.name;
    write({ event: 'failed', method, budget, askedBudget: asked.text, seed, message, remedy, data });
    this.#say(`${method} at ${asked.text}, seed ${seed}, failed. ${message} ${String(remedy)}`);
  }

  /** Other processes train what is left. */
  waiting(runs: number): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#say(`${runs} ${runs === 1 ? 'run is' : 'runs are'} being trained by another process; waiting.`);
  }

  /** What a result file holds that was not used. */
  problems({ path, problems }: Pick<ResultFile, 'path' | 'problems'>): void {
    for (const problem of problems.slice(0, SHOWN_PROBLEMS))
      this.#say(`${path}: ${problem}. It is not used, and stays in the file.`);
    const more = problems.length - SHOWN_PROBLEMS;
    if (more > 0) this.#say(`${path}: ${more} more lines are not used.`);
  }

  table(style: TableStyle): void {
    this.#live.clear();
    const summaries = summarise(this.#lines.map(toCompared), metricIds(this.#dataset));
    const missing = this.#total - this.#lines.length;
    if (summaries.length > 0)
      process.stderr.write(`\n${formatSummary(summaries, shownMetrics[this.#dataset.task], style)}`);
    if (missing > 0) process.stderr.write(`${missing} of ${this.#total} runs are missing.\n`);
  }

  #add(line: ComparisonLine, how: string): void {
    this.#lines.push(line);
    write(line);
    const [{ id, label, digits }] = shownMetrics[this.#dataset.task];
    const value = toCompared(line).metrics[id];
    const outcome = line.reason === 'diverged' ? 'diverged' : `${label} ${value?.toFixed(digits) ?? '–'}`;
    const what = `${line.method} at ${line.askedBudget}, seed ${line.seed}`;
    this.#say(`${this.#lines.length} of ${this.#total}: ${what}: ${outcome} (${how})`);
  }

  #say(text: string): void {
    this.#live.clear();
    process.stderr.write(`${text}\n`);
  }
}

const metricIds = ({ task }: Dataset): readonly string[] => shownMetrics[task].map(({ id }) => id);

function toCompared({ settings, reason, parameters, bytes, msPerStep, test }: ComparisonLine): ComparedRun {
  return {
    settings,
    conclusive: reason === 'completed' || reason === 'early-stopped',
    parameters,
    modelBytes: bytes.parameter,
    trainingBytes: Object.values(bytes).reduce((sum, size) => sum + size, 0),
    msPerStep,
    metrics: { ...test },
  };
}

function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
