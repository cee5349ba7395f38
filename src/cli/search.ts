import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { planSearch, type SearchPlan } from '../search/halving.ts';
import { search } from '../search/search.ts';
import { spanSpace } from '../search/space.ts';
import type { Settings } from '../settings/settings.ts';
import { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import { REPLACED } from '../training/loop/run.ts';
import { lengthOfRun } from '../training/plan/runLength.ts';
import { describeProblems } from './compareReport.ts';
import { comparisonFlags, requireChoices } from './comparisonFlags.ts';
import {
  type CommandSpec,
  countFlag,
  type Flags,
  type FlagValues,
  givenSettings,
  parseFlags,
} from './flags.ts';
import { readMemoryLimits } from './memoryLimits.ts';
import { openBackend } from './openBackend.ts';
import { dataFlags, loadData } from './openData.ts';
import type { ResultFile } from './resultFile.ts';
import { SearchReport } from './searchReport.ts';
import { SearchLeft, SearchRuns } from './searchRuns.ts';
import { withSharedFile } from './sharedResults.ts';
import { heedSignals } from './signals.ts';

const command = {
  name: 'search',
  summary:
    'Finds the settings with which each method does best at each budget, by validation: many for few steps, the best third for three ' +
    'times as many, and so on. The winners are trained with all seeds. Every method has the same number of learning rates to choose from.',
  usage:
    '(--data FILE | --data sample:clicks) --methods M,M --budgets N,N [--sweep SETTING=V,V] [--rates N] [--steps N] [--seeds N] [flags]',
  flags: {
    ...dataFlags,
    ...comparisonFlags,
    rates: countFlag(
      'N',
      'Learning rates to try, a factor of 3 apart around that of the data. Default: 5. Or --sweep learning-rate=….',
      [1, 100],
    ),
    steps: countFlag(
      'N',
      'Training steps that the search may take in all, as 200k: candidates go on for as long as they allow. Default: one third of the candidates goes on at each rung.',
      [1, 1e12],
    ),
  },
} satisfies CommandSpec<Flags>;

type Values = FlagValues<typeof command.flags>;

const FAILED = 1;
const DEFAULT_RATES = 5;

/** Exit code 1: a run could not be started. Throws UsageError, SettingError, SearchBudgetError, DataError, BackendError, WriteError. */
export async function searchCommand(args: readonly string[]): Promise<number> {
  const flags = requireChoices(parseFlags(args, command));
  return withSharedFile(['search', ...args], flags, async (file, processes) => {
    const dataset = await loadData(flags, { processes });
    const { methods, budgets, sweep: axes = [], rates = DEFAULT_RATES, seeds = 1 } = flags;
    const request = { settings: givenSettings(flags), methods, budgets, axes, rates };
    const { cells, unreachable } = spanSpace(request, dataset.fields, (settings) =>
      lengthOfRun(settings, dataset, settings.backend ?? 'cpu'),
    );
    for (const { method, asked, message } of unreachable)
      process.stderr.write(`${method} at ${asked.text} is left out. ${message}\n`);
    const plan = planSearch(cells, { seeds, steps: flags.steps });
    return runSearch(plan, { dataset, file, processes }, flags);
  });
}

async function runSearch(
  plan: SearchPlan,
  {
    dataset,
    file,
    processes,
  }: { readonly dataset: ReadableDataset; readonly file: ResultFile; readonly processes: number },
  { backend: kind, seeds = 1, sweep: axes = [], markdown, json, out }: Values,
): Promise<number> {
  const backend = await openBackend(kind ?? 'cpu');
  const batchCache = new DeviceBatchesCache();
  const end = heedSignals(REPLACED);
  const swept = new Set<keyof Settings>([...axes.map(({ name }) => name), 'learningRate']);
  const report = new SearchReport(dataset, [...swept]);
  const memory = readMemoryLimits(processes);
  const trainer = { dataset, backend, batchCache, memory, file, signal: end.signal, report };
  const runs = await SearchRuns.open(trainer);
  try {
    for (const problem of describeProblems(file)) process.stderr.write(`${problem}\n`);
    report.plan(plan);
    const winners = await search(plan, seeds, runs.train);
    const found = winners.map((winner) => ({ winner, lines: runs.wholeLines(winner.settings, seeds) }));
    report.outcome(found, plan, json ? null : markdown ? 'markdown' : 'text');
    await runs.removeCheckpoints();
  } catch (error) {
    if (!(error instanceof SearchLeft)) throw error;
    if (out !== undefined) process.stderr.write('The search was left. The same command goes on with it.\n');
  } finally {
    end.release();
    batchCache.destroy();
    backend.destroy();
  }
  return end.exitCode ?? (report.hasFailures ? FAILED : 0);
}
