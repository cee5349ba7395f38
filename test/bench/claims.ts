// npm run bench:claims -- OUT [DATA] [seeds]: what each method reaches at each budget when its settings were searched alike.
// Results go to files in OUT, from which the same command goes on. DATA is a folder with the real samples; without it, generated ones.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatSpread, formatTable, spreadOf } from '../../src/comparison/summary.ts';
import { differenceToReference, formatDifference } from '../../src/comparison/toReference.ts';
import type { ComparisonLine } from '../../src/cli/comparisonLine.ts';
import { methodLabels } from '../../src/settings/settings.ts';
import { bundleDimmer } from '../support/bundleDimmer.ts';
import { startDimmer } from '../support/processes.ts';

const [out, data, seeds = '5'] = process.argv.slice(2);
if (!out) throw new Error('Give a folder for the results.');
mkdirSync(out, { recursive: true });
const program = await bundleDimmer(join(out, 'program'));

const inFolder = (name: string): readonly string[] => (data ? ['--data', join(data, name)] : []);
const dataSets: Readonly<Record<string, readonly string[]>> = {
  clicks: ['--sample', 'clicks'],
  ratings: ['--sample', 'ratings'],
  criteo: inFolder('criteo-20k.tsv'),
  avazu: inFolder('avazu-5k.csv'),
  movielens: inFolder('ml-100k.u.data'),
};

/** Spectral dims are another claim than dims by popularity, and have a search of their own. */
const searches: Readonly<Record<string, readonly string[]>> = {
  usual: '--methods uniform,mixed-dimension,quotient-remainder,int8 --sweep alpha=0.1,0.2,0.3,0.4,0.6'.split(
    ' ',
  ),
  spectral: ['--methods', 'mixed-dimension', '--allocation', 'spectral'],
};
const shared = ['--budgets', '1/4,1/8,1/16', '--rates', '5', '--seeds', seeds];

for (const [name, flags] of Object.entries(dataSets)) {
  if (flags.length === 0 || (flags[0] === '--data' && !existsSync(flags[1]))) {
    console.log(`${name} is left out: its file is not there.`);
    continue;
  }
  const lines: ComparisonLine[] = [];
  let steps = 0;
  for (const [kind, own] of Object.entries(searches)) {
    const file = join(out, `${name}-${kind}.jsonl`);
    const { code, stdout, stderr } = await startDimmer(program, [
      'search',
      ...flags,
      ...own,
      ...shared,
      '--out',
      file,
    ]).ended;
    if (code === null || code > 1) throw new Error(stderr);
    for (const text of stdout.split('\n').filter(Boolean)) {
      const line = JSON.parse(text) as
        | ComparisonLine
        | { readonly event: 'search'; readonly trainedSteps: number };
      if (line.event === 'result') lines.push(line as ComparisonLine);
      if ('trainedSteps' in line) steps += line.trainedSteps;
    }
  }
  console.log(`\n### ${name}\n\n${tableOf(lines)}\n${steps.toLocaleString('en')} training steps.`);
}

/** A row a method and budget: what was chosen, and how it differs on the test split from uniform at the same budget, seed by seed. */
function tableOf(lines: readonly ComparisonLine[]): string {
  const lossOf = (line: ComparisonLine, split: 'validation' | 'test'): number => {
    const metrics = { ...line[split] } as Partial<Record<string, number>>;
    return metrics.logLoss ?? metrics.mse ?? Number.NaN;
  };
  const valuesOf = (own: readonly ComparisonLine[]) =>
    own.map((line) => ({ seed: line.seed, value: lossOf(line, 'test') }));
  const groups = new Map<string, ComparisonLine[]>();
  for (const line of lines) {
    const key = `${String(line.budget).padStart(12)} ${nameOf(line)}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const loss = lines[0]?.task === 'click' ? 'log loss' : 'MSE';
  const head = [
    'method',
    'budget',
    'parameters',
    'α',
    'learning rate',
    `validation ${loss}`,
    `test ${loss}`,
    'against uniform, test',
    'seeds',
  ];
  const rows = [...groups.values()].map((own) => {
    const [{ askedBudget, parameters, settings }] = own;
    const uniform = lines.filter(
      ({ method, askedBudget: other }) => method === 'uniform' && other === askedBudget,
    );
    const isUniform = settings.method === 'uniform';
    const difference = isUniform ? null : differenceToReference(valuesOf(own), valuesOf(uniform));
    const shown = (split: 'validation' | 'test'): string =>
      formatSpread(spreadOf(own.map((line) => lossOf(line, split)))!, 4);
    return [
      nameOf(own[0]),
      askedBudget,
      parameters.toLocaleString('en'),
      settings.method === 'mixed-dimension' && settings.allocation !== 'spectral'
        ? String(settings.alpha)
        : '–',
      String(settings.learningRate),
      shown('validation'),
      shown('test'),
      difference ? formatDifference(difference, 4) : '–',
      String(own.length),
    ];
  });
  return formatTable(
    [head, ...rows.sort((a, b) => Number(b[2].replaceAll(',', '')) - Number(a[2].replaceAll(',', '')))],
    'markdown',
    2,
  );
}

function nameOf({ settings: { method, allocation } }: ComparisonLine): string {
  return allocation === 'spectral' ? 'Spectral dims' : methodLabels[method];
}
