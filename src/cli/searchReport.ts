import { formatSpread, spreadOf, type TableStyle } from '../comparison/summary.ts';
import { methods } from '../compression/methods.ts';
import type { AskedBudget } from '../comparison/askedBudgets.ts';
import { nameAmong } from '../comparison/hyperparameters.ts';
import type { DatasetInfo } from '../data/dataset.ts';
import { lossOf } from '../metrics/metrics.ts';
import { frontOf } from '../search/front.ts';
import type { SearchPlan } from '../search/halving.ts';
import type { Winner } from '../search/search.ts';
import type { SearchCell } from '../search/space.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrainingEvent } from '../training/events/events.ts';
import { writeCount } from '../quantities/quantities.ts';
import { comparisonTable } from './compareReport.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import type { RunReport } from './finishRuns.ts';
import { showTraining } from './trainReport.ts';

/** A winner, and its runs: one a seed. */
export interface Found {
  readonly winner: Winner;
  readonly lines: readonly ComparisonLine[];
}

/** What a search says: the lines of winners and its outcome on stdout, the rest on stderr. */
export class SearchReport implements RunReport {
  readonly #dataset: DatasetInfo;
  readonly #swept: readonly (keyof Settings)[];
  readonly #live = showTraining();
  /** Of all runs so far, by key. */
  readonly lines = new Map<string, ComparisonLine>();
  #stage = 0;
  #left = 0;
  #isWaiting = false;
  hasFailures = false;

  constructor(dataset: DatasetInfo, swept: readonly (keyof Settings)[]) {
    this.#dataset = dataset;
    this.#swept = swept;
  }

  plan({ steps, gridSteps, cells }: SearchPlan): void {
    const tries = sum(cells.map(({ cell }) => cell.candidates.length));
    this.#say(
      `${tries} settings of ${cells.length} methods and budgets, in at most ${count(steps)} training steps; ` +
        `all of them with all seeds would take at most ${count(gridSteps)}.`,
    );
  }

  /** So many runs follow. */
  stage(stage: number, runs: number): void {
    this.#stage = stage;
    this.#left = runs;
    this.#isWaiting = false;
  }

  progress(event: TrainingEvent): void {
    this.#live.show(event);
  }

  finished(line: ComparisonLine): void {
    this.#tell(line, `${line.seconds.toFixed(1)} s`);
  }

  kept(line: ComparisonLine): void {
    this.#tell(line, 'kept');
  }

  failed(asked: AskedBudget, settings: Settings, error: Error & { readonly remedy?: unknown }): void {
    this.hasFailures = true;
    const name = nameAmong(this.#swept, settings);
    this.#say(`${name} at ${asked.text} failed. ${error.message} ${String(error.remedy)}`);
  }

  waiting(runs: number): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#say(`${runs} ${runs === 1 ? 'run is' : 'runs are'} being trained by another process; waiting.`);
  }

  /** The table of the winners, and who is on the front; without a style the lines of JSON alone. */
  outcome(found: readonly Found[], plan: SearchPlan, style: TableStyle | null): void {
    this.#live.clear();
    const lines = found.flatMap((own) => own.lines);
    const trainedSteps = sum([...this.lines.values()].map(({ steps, fromStep = 0 }) => steps - fromStep));
    for (const line of lines) write(line);
    const { task, name: data } = this.#dataset;
    const cells = found.map((own) => describe(own, data));
    const front = frontOf(cells.filter(({ runs }) => runs > 0));
    for (const cell of cells) write({ ...cell, front: front.includes(cell) });
    write({ event: 'search', data, trainedSteps, plannedSteps: plan.steps, gridSteps: plan.gridSteps });
    if (style === null) return;
    process.stderr.write(`\n${comparisonTable(lines, task, this.#swept, style)}\n`);
    const names = front.map(
      (cell) =>
        `  ${methods[cell.method].label} at ${cell.askedBudget}: ${count(cell.size)} parameters, validation ${cell.shownLoss}`,
    );
    const tries = cells.map(
      ({ method, askedBudget, tries: tried, isAtEdge }) =>
        `  ${method} at ${askedBudget}: ${tried} tries${isAtEdge ? '; the best learning rate is at the edge of those tried' : ''}`,
    );
    process.stderr.write(
      `The front, by mean validation ${{ click: 'log loss', rating: 'MSE', ranking: '1 − NDCG@10' }[task]} over seeds:\n${names.join('\n')}\n` +
        'The test split has chosen nothing. Settings were chosen by validation, each method from ' +
        `${cells[0]?.rates ?? 0} learning rates under each combination of its other settings:\n${tries.join('\n')}\n` +
        `${count(trainedSteps)} training steps.\n`,
    );
  }

  #tell(line: ComparisonLine, how: string): void {
    this.#left--;
    this.lines.set(line.key, line);
    const name = nameAmong(this.#swept, line.settings);
    const loss = validationLoss(line);
    const outcome = Number.isFinite(loss) ? `validation ${loss.toFixed(4)}` : 'diverged';
    this.#say(
      `stage ${this.#stage}, ${this.#left} left: ${name} at ${line.askedBudget}, seed ${line.seed}: ${outcome} after ${count(line.steps)} steps (${how})`,
    );
  }

  #say(text: string): void {
    this.#live.clear();
    process.stderr.write(`${text}\n`);
  }
}

/** NaN for a run that diverged, or was never evaluated. */
export function validationLoss({ reason, validation }: ComparisonLine): number {
  return reason === 'diverged' || !validation ? Number.NaN : lossOf(validation);
}

function describe({ winner: { plan, settings }, lines }: Found, data: string) {
  const { cell } = plan;
  const losses = lines.map(validationLoss).filter(Number.isFinite);
  const spread = spreadOf(losses);
  return {
    event: 'winner' as const,
    data,
    method: cell.method,
    budget: cell.budget,
    askedBudget: cell.asked.text,
    tries: cell.candidates.length,
    rates: cell.rates,
    size: lines[0]?.parameters ?? Number.NaN,
    loss: spread?.mean ?? Number.NaN,
    shownLoss: spread ? formatSpread(spread, 4) : '–',
    runs: losses.length,
    isAtEdge: isAtEdge(cell, settings),
    settings,
  };
}

/** Whether a rate beyond those tried may be better still. */
function isAtEdge({ candidates, rates }: SearchCell, { learningRate }: Settings): boolean {
  const tried = candidates.flatMap(({ settings }) => settings.learningRate ?? []);
  return rates > 1 && (learningRate === Math.min(...tried) || learningRate === Math.max(...tried));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const count = (value: number): string => writeCount(value);

function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
