import type { AskedBudget } from '../comparison/askedBudgets.ts';
import type { Unreachable } from '../comparison/comparisonRuns.ts';
import { isRead, nameAmong } from '../comparison/hyperparameters.ts';
import {
  type ComparedRun,
  formatSummary,
  type OverExamples,
  type ShownMetric,
  summarise,
  type TableStyle,
} from '../comparison/summary.ts';
import type { DatasetInfo, Task } from '../data/dataset.ts';
import { formatSetting } from '../settings/parseSetting.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrainingEvent } from '../training/events/events.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import type { RunReport } from './finishRuns.ts';
import type { Results } from './resultFile.ts';
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
  ranking: [
    { id: 'ndcg', label: 'NDCG@10', digits: 4 },
    { id: 'recall', label: 'recall@10', digits: 4 },
  ],
};

const SHOWN_PROBLEMS = 5;

/** What a table says of its data. */
type ComparedData = Pick<DatasetInfo, 'name' | 'task'>;

export interface ComparisonScope {
  /** Runs. */
  readonly total: number;
  /** The settings, beside method and budget, that the table tells apart. */
  readonly swept: readonly (keyof Settings)[];
  /** How many train side by side. */
  readonly processes: number;
}

/** Lines on stdout; progress and the table on stderr. */
export class ComparisonReport implements RunReport {
  readonly #dataset: ComparedData;
  readonly #scope: ComparisonScope;
  readonly #lines: ComparisonLine[] = [];
  readonly #live = showTraining();
  #failures = 0;
  #isWaiting = false;

  constructor(dataset: ComparedData, scope: ComparisonScope) {
    this.#dataset = dataset;
    this.#scope = scope;
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

  kept(line: ComparisonLine): void {
    this.#add(line, 'kept');
  }

  failed(asked: AskedBudget, settings: Settings, error: Error & { readonly remedy?: unknown }): void {
    this.#failures++;
    const { method, budget, seed } = settings;
    const { message, remedy } = error;
    const data = this.#dataset.name;
    write({ event: 'failed', method, budget, askedBudget: asked.text, seed, message, remedy, data });
    const fewer = this.#scope.processes > 1 ? ' Or give fewer --jobs: each has its part of the memory.' : '';
    this.#say(`${method} at ${asked.text}, seed ${seed}, failed. ${message} ${String(remedy)}${fewer}`);
  }

  waiting(runs: number): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#say(`${runs} ${runs === 1 ? 'run is' : 'runs are'} being trained by another process; waiting.`);
  }

  get lines(): readonly ComparisonLine[] {
    return this.#lines;
  }

  table(style: TableStyle, overExamples?: OverExamples): void {
    this.#live.clear();
    const { task } = this.#dataset;
    const { total, swept } = this.#scope;
    const missing = total - this.#lines.length;
    if (this.#lines.length > 0)
      process.stderr.write(`\n${comparisonTable(this.#lines, task, swept, style, overExamples)}`);
    if (missing > 0) process.stderr.write(`${missing} of ${total} runs are missing.\n`);
  }

  #add(line: ComparisonLine, how: string): void {
    this.#lines.push(line);
    write(line);
    const [{ id, label, digits }] = shownMetrics[this.#dataset.task];
    const value = toCompared(line).metrics[id];
    const outcome = line.reason === 'diverged' ? 'diverged' : `${label} ${value?.toFixed(digits) ?? '–'}`;
    const swept = this.#scope.swept.filter((name) => isRead(line.method, name));
    const settings = swept.map((name) => `, ${name} ${formatSetting(line.settings[name])}`).join('');
    const what = `${line.method} at ${line.askedBudget}${settings}, seed ${line.seed}`;
    this.#say(`${this.#lines.length} of ${this.#scope.total}: ${what}: ${outcome} (${how})`);
  }

  #say(text: string): void {
    this.#live.clear();
    process.stderr.write(`${text}\n`);
  }
}

/** What a file of results holds that was not used, as lines of text. */
export function describeProblems({ path, problems }: Pick<Results, 'path' | 'problems'>): readonly string[] {
  const shown = problems
    .slice(0, SHOWN_PROBLEMS)
    .map((problem) => `${path}: ${problem}. It is not used, and stays in the file.`);
  const more = problems.length - SHOWN_PROBLEMS;
  return more > 0 ? [...shown, `${path}: ${more} more lines are not used.`] : shown;
}

/** A row a method, budget and combination of swept settings. */
export function comparisonTable(
  lines: readonly ComparisonLine[],
  task: Task,
  swept: readonly (keyof Settings)[],
  style: TableStyle,
  overExamples?: OverExamples,
): string {
  const metrics = shownMetrics[task];
  const summaries = summarise(
    lines.map(toCompared),
    metrics.map(({ id }) => id),
  );
  const nameOf = ({ settings }: { readonly settings: Settings }) => nameAmong(swept, settings);
  return formatSummary(summaries, metrics, style, nameOf, overExamples);
}

function toCompared({
  key,
  settings,
  reason,
  parameters,
  bytes,
  msPerStep,
  test,
}: ComparisonLine): ComparedRun {
  return {
    run: key,
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
