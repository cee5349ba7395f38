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
import type { RunResult, TrainingEvent } from '../training/events/events.ts';
import { resultLine, showTraining } from './trainReport.ts';

/** The line of `train`, the budget as it was asked for, and the name of the run in a result file. */
export type ComparisonLine = ReturnType<typeof resultLine> & {
  readonly askedBudget: string;
  readonly key: string;
};

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

/** Lines on stdout; progress and the table on stderr. */
export class ComparisonReport {
  readonly #dataset: Dataset;
  readonly #total: number;
  readonly #lines: ComparisonLine[] = [];
  readonly #live = showTraining();
  #failures = 0;

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

  finished(result: RunResult, asked: AskedBudget, key: string): ComparisonLine {
    const line: ComparisonLine = { ...resultLine(result), askedBudget: asked.text, key };
    if (result.reason === 'diverged') this.#failures++;
    this.#add(line, `${result.seconds.toFixed(1)} s`);
    return line;
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
