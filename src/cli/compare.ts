import { type ComparisonRuns, expandComparison } from '../comparison/comparisonRuns.ts';
import { fingerprintOf } from '../data/fingerprint.ts';
import { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import { REPLACED } from '../training/loop/run.ts';
import { ComparisonReport, describeProblems } from './compareReport.ts';
import { comparisonFlags, requireChoices } from './comparisonFlags.ts';
import { finishRuns, type Trainer } from './finishRuns.ts';
import { type CommandSpec, type Flags, type FlagValues, givenSettings, parseFlags } from './flags.ts';
import { readMemoryLimits } from './memoryLimits.ts';
import { keepPredictions } from './keptPredictions.ts';
import { openBackend } from './openBackend.ts';
import { dataFlags, loadData } from './openData.ts';
import { compareOverExamples } from './overExamples.ts';
import { runKey } from './resultFile.ts';
import { withResults } from './sharedResults.ts';
import { shardFlag, shardOf } from './shard.ts';
import { heedSignals } from './signals.ts';
import { WriteError } from './usage.ts';

const command = {
  name: 'compare',
  summary:
    'Trains every method at every budget, under every combination of swept settings, with several seeds: a line of JSON a run, ' +
    'then a table on stderr. Ctrl+C, SIGTERM and SIGHUP end it with the table of what is done (exit codes 130, 143, 129).',
  usage:
    '(--data FILE | --data sample:clicks) --methods M,M --budgets N,N [--sweep SETTING=V,V] [--seeds N] [--jobs N] [--out FILE] [flags]',
  flags: { ...dataFlags, ...comparisonFlags, shard: shardFlag },
} satisfies CommandSpec<Flags>;

type Values = FlagValues<typeof command.flags>;

const FAILED = 1;

/**
 * Exit code 1: a run diverged or could not be started. Throws UsageError, SettingError, DataError, BackendError, and WriteError when
 * a line could not be kept.
 */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const flags = requireChoices(parseFlags(args, command));
  return withResults(['compare', ...args], flags, async (file, processes) => {
    const dataset = await loadData(flags, { processes });
    const { methods, budgets, sweep: axes, seeds = 1 } = flags;
    const settings = givenSettings(flags);
    const comparison = expandComparison({ settings, methods, budgets, axes, seeds }, dataset.fields);
    const backend = await openBackend(flags.backend ?? 'cpu');
    const batchCache = new DeviceBatchesCache();
    try {
      const memory = readMemoryLimits(processes);
      return await runAll(comparison, { dataset, backend, batchCache, memory, file }, processes, flags);
    } finally {
      batchCache.destroy();
      backend.destroy();
    }
  });
}

async function runAll(
  { runs, unreachable }: ComparisonRuns,
  device: Omit<Trainer, 'signal' | 'report'>,
  processes: number,
  { sweep: axes = [], shard, markdown, json }: Values,
): Promise<number> {
  const { dataset, backend, file } = device;
  const fingerprint = await fingerprintOf(dataset);
  const own = shardOf(runs, shard).map(({ asked, settings }) => ({
    asked,
    settings,
    key: runKey(settings, fingerprint, backend.kind),
  }));
  const predictions = keepPredictions(file.path);
  const swept = axes.map(({ name }) => name);
  const report = new ComparisonReport(dataset, { total: own.length, swept, processes });
  const end = heedSignals(REPLACED);
  let failure: WriteError | undefined;
  try {
    for (const pair of unreachable) report.unreachable(pair);
    await finishRuns(own, { ...device, signal: end.signal, report, predictions });
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    failure = error;
  } finally {
    end.release();
  }
  for (const problem of describeProblems(file)) process.stderr.write(`${problem}\n`);
  if (!json)
    report.table(
      markdown ? 'markdown' : 'text',
      await compareOverExamples(report.lines, dataset, predictions),
    );
  if (failure) throw failure;
  return end.exitCode ?? (report.hasFailures ? FAILED : 0);
}
