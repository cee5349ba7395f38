// npm run bench:search -- OUT [DATA]: a search against a full grid of the same settings, by training steps.
// Results go to files in OUT, from which the same command goes on. DATA is a folder with criteo-20k.tsv; without it, clicks alone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ComparisonLine } from '../../src/cli/comparisonLine.ts';
import { formatTable } from '../../src/comparison/summary.ts';
import { frontOf } from '../../src/search/front.ts';
import { bundleDimmer } from '../support/bundleDimmer.ts';
import { startDimmer } from '../support/processes.ts';

const [out, data] = process.argv.slice(2);
if (!out) throw new Error('Give a folder for the results.');
mkdirSync(out, { recursive: true });
const program = await bundleDimmer(join(out, 'program'));

const space =
  '--methods uniform,mixed-dimension --budgets 1/8,1/16 --sweep alpha=0.1,0.2,0.4,0.6 --sweep learning-rate=0.0003,0.001,0.003,0.01 --seeds 2'.split(
    ' ',
  );
const dataSets = {
  clicks: ['--sample', 'clicks'],
  ...(data && { criteo: ['--data', join(data, 'criteo-20k.tsv')] }),
};

for (const [name, flags] of Object.entries(dataSets)) {
  const lines = async (command: string): Promise<readonly ComparisonLine[]> => {
    const file = join(out, `${name}-${command}.jsonl`);
    const { code, stdout, stderr } = await startDimmer(program, [command, ...flags, ...space, '--out', file])
      .ended;
    if (code === null || code > 1) throw new Error(stderr);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ComparisonLine);
  };
  const found = await lines('search');
  const grid = (await lines('compare')).filter(({ event }) => event === 'result');
  const { trainedSteps } = found.at(-1) as unknown as { readonly trainedSteps: number };
  const gridSteps = stepsOf(grid);
  console.log(
    `\n### ${name}\n\n${compare(
      found.filter(({ event }) => event === 'result'),
      grid,
      trainedSteps,
    )}`,
  );
  const share = (100 * trainedSteps) / gridSteps;
  console.log(
    `${trainedSteps.toLocaleString('en')} steps against ${gridSteps.toLocaleString('en')}: ${share.toFixed(1)} %.`,
  );
}

function stepsOf(lines: readonly ComparisonLine[]): number {
  return lines.reduce((sum, { steps }) => sum + steps, 0);
}

interface Setting {
  readonly name: string;
  readonly cell: string;
  readonly size: number;
  /** Mean validation loss over the seeds that are there. */
  readonly loss: number;
}

function settingsOf(lines: readonly ComparisonLine[]): readonly Setting[] {
  const groups = new Map<string, ComparisonLine[]>();
  for (const line of lines) {
    const { method, budget, alpha, learningRate } = line.settings;
    const name = `${method} ${budget} ${method === 'uniform' ? '' : alpha} ${learningRate}`;
    groups.set(name, [...(groups.get(name) ?? []), line]);
  }
  return [...groups].map(([name, own]) => {
    const losses = own.map(
      ({ validation }) => (validation as { readonly logLoss?: number } | undefined)?.logLoss ?? Infinity,
    );
    const [{ method, askedBudget, parameters }] = own;
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    return { name, cell: `${method} at ${askedBudget}`, size: parameters, loss };
  });
}

/** A row a method and budget: the best of the grid, what the search has found, and what the grid has after as many steps. */
function compare(found: readonly ComparisonLine[], grid: readonly ComparisonLine[], steps: number): string {
  const early: ComparisonLine[] = [];
  for (const line of grid) if (stepsOf(early) + line.steps <= steps) early.push(line);
  const [searched, whole, begun] = [found, grid, early].map(settingsOf);
  const bestOf = (settings: readonly Setting[], cell: string) =>
    settings
      .filter((setting) => setting.cell === cell)
      .toSorted((a, b) => a.loss - b.loss)
      .at(0);
  const fronts = [searched, whole].map((settings) => new Set(frontOf(settings).map(({ cell }) => cell)));
  const rows = [...new Set(whole.map(({ cell }) => cell))].map((cell) => {
    const [own, best, first] = [searched, whole, begun].map((settings) => bestOf(settings, cell));
    const rank = whole.filter((other) => other.cell === cell && other.loss < own!.loss).length + 1;
    const count = whole.filter((other) => other.cell === cell).length;
    return [
      cell,
      best!.loss.toFixed(4),
      own!.loss.toFixed(4),
      `${rank} of ${count}`,
      first ? first.loss.toFixed(4) : '–',
      fronts.map((front) => (front.has(cell) ? 'yes' : 'no')).join(', '),
    ];
  });
  const head = [
    'method and budget',
    'grid',
    'search',
    'rank in the grid',
    'grid after as many steps',
    'on the front: search, grid',
  ];
  return formatTable([head, ...rows], 'markdown', 1);
}
