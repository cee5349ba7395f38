import type { Backend } from '../backend/backend.ts';
import { type AskedBudget, FULL_DIM, parseBudgets } from '../comparison/askedBudgets.ts';
import { type ComparisonRun, type ComparisonRuns, expandComparison } from '../comparison/comparisonRuns.ts';
import { methods as registry } from '../compression/methods.ts';
import type { Dataset } from '../data/dataset.ts';
import { type MethodId, type Settings, settingTable } from '../settings/settings.ts';
import { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import { REPLACED } from '../training/loop/run.ts';
import { trainRun } from '../training/train.ts';
import { ComparisonReport } from './compareReport.ts';
import { dataFlags, fingerprintOf, loadData } from './openData.ts';
import {
  type CommandSpec,
  countFlag,
  type Flag,
  type Flags,
  type FlagValues,
  givenSettings,
  parseFlags,
  settingFlags,
  switchFlag,
  textFlag,
} from './flags.ts';
import { readMemoryLimits } from './memoryLimits.ts';
import { openBackend, heedful } from './openBackend.ts';
import { openResultFile, type ResultFile, runKey } from './resultFile.ts';
import { UsageError } from './usage.ts';
import type { RunResult } from '../training/events/events.ts';

const everyMethod = Object.keys(registry) as MethodId[];

const methods: Flag<readonly MethodId[]> = {
  placeholder: 'M,M,…',
  help: `Methods to compare, or all. Allowed: ${everyMethod.join(', ')}.`,
  parse: (text) =>
    text.trim() === 'all'
      ? everyMethod
      : text.split(',').map((cell) => {
          const method = everyMethod.find((id) => id === cell.trim());
          if (method) return method;
          throw new UsageError(`“${cell}” is no method`, `Give some of ${everyMethod.join(', ')}, or all.`);
        }),
};

const budgets: Flag<readonly AskedBudget[]> = {
  placeholder: 'N,N,…',
  help: `Budgets: parameters, as 10k,40k, or shares of the uncompressed model at d = ${FULL_DIM}, as 1/4,1/16.`,
  parse: parseBudgets,
};

const shared = (Object.keys(settingTable) as (keyof Settings)[]).filter(
  (name): name is Exclude<keyof Settings, 'method' | 'budget'> => name !== 'method' && name !== 'budget',
);

const command = {
  name: 'compare',
  summary:
    'Trains every method at every budget with several seeds: a line of JSON a run, then a table on stderr. ' +
    'Ctrl+C ends it with the table of what is done (exit code 130).',
  usage: '(--data FILE | --data sample:clicks) --methods M,M --budgets N,N [--seeds N] [--out FILE] [flags]',
  flags: {
    ...dataFlags,
    methods,
    budgets,
    seeds: countFlag('N', 'Seeds of each, counted up from --seed. Default: 1.'),
    out: textFlag('FILE', 'Keeps the lines there; runs that it already holds are not trained again.'),
    markdown: switchFlag('The table as Markdown.'),
    ...settingFlags(shared),
  },
} satisfies CommandSpec<Flags>;

type Values = FlagValues<typeof command.flags>;

const FAILED = 1;
const INTERRUPTED = 130;

/** Exit code 1: a run diverged or could not be started. Throws UsageError, SettingError, DataError, BackendError. */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  if (!flags.methods) throw new UsageError('--methods is missing.', 'Give the methods to compare, or all.');
  if (!flags.budgets) throw new UsageError('--budgets is missing.', 'Give some, as 10k,40k or 1/4,1/16.');
  const dataset = await loadData(flags);
  const { methods, budgets, seeds = 1 } = flags;
  const comparison = expandComparison(
    { settings: givenSettings(flags), methods, budgets, seeds },
    dataset.fields,
  );
  const file = flags.out === undefined ? null : await openResultFile(flags.out);
  const backend = await openBackend(flags.backend ?? 'cpu');
  try {
    return await runAll(comparison, { dataset, backend, file }, flags);
  } finally {
    backend.destroy();
  }
}

interface Inputs {
  readonly dataset: Dataset;
  readonly backend: Backend;
  readonly file: ResultFile | null;
}

async function runAll(comparison: ComparisonRuns, inputs: Inputs, flags: Values): Promise<number> {
  const { dataset, backend, file } = inputs;
  const fingerprint = fingerprintOf(dataset);
  const report = new ComparisonReport(dataset, comparison.runs.length);
  const batchCache = new DeviceBatchesCache();
  const abort = new AbortController();
  const interrupt = (): void => abort.abort(REPLACED);
  process.once('SIGINT', interrupt);
  try {
    for (const pair of comparison.unreachable) report.unreachable(pair);
    for (const run of comparison.runs) {
      const key = runKey(run.settings, fingerprint, backend.kind);
      const kept = file?.find(key);
      if (kept) report.kept(kept);
      else {
        const line = await trainOne(run, key, inputs, { batchCache, signal: abort.signal, report });
        if (line) file?.append(line);
      }
      if (abort.signal.aborted) break;
    }
  } finally {
    process.off('SIGINT', interrupt);
    batchCache.destroy();
  }
  report.table(flags.markdown ? 'markdown' : 'text');
  if (abort.signal.aborted) return INTERRUPTED;
  return report.hasFailures ? FAILED : 0;
}

interface Session {
  readonly batchCache: DeviceBatchesCache;
  readonly signal: AbortSignal;
  readonly report: ComparisonReport;
}

/** The line of a run that came to its end; a run that cannot start is reported, and the others go on. */
async function trainOne(
  { asked, settings }: ComparisonRun,
  key: string,
  { dataset, backend }: Inputs,
  { batchCache, signal, report }: Session,
) {
  let result: RunResult | undefined;
  try {
    const memory = readMemoryLimits();
    const run = { settings, dataset, backend, batchCache, signal, memory, scheduling: heedful };
    for await (const event of trainRun(run)) {
      report.progress(event);
      if (event.kind === 'finished') result = event.result;
    }
  } catch (error) {
    // What carries a remedy is about this run; anything else is a fault of the program.
    if (!(error instanceof Error && 'remedy' in error)) throw error;
    report.failed(asked, settings, error);
    return null;
  }
  return result && result.reason !== 'stopped' ? report.finished(result, asked, key) : null;
}
