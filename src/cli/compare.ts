import { fingerprintOf } from '../data/fingerprint.ts';
import { setTimeout as delay } from 'node:timers/promises';
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
import type { ComparisonLine } from './comparisonLine.ts';
import { dataFlags, loadData } from './openData.ts';
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
import { ResultFile, runKey } from './resultFile.ts';
import { heedSignals } from './signals.ts';
import { resultLine } from './trainReport.ts';
import { UsageError, WriteError } from './usage.ts';
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
    'Ctrl+C, SIGTERM and SIGHUP end it with the table of what is done (exit codes 130, 143, 129).',
  usage: '(--data FILE | --data sample:clicks) --methods M,M --budgets N,N [--seeds N] [--out FILE] [flags]',
  flags: {
    ...dataFlags,
    methods,
    budgets,
    seeds: countFlag('N', 'Seeds of each, counted up from --seed. Default: 1.', [1, 10_000]),
    out: textFlag(
      'FILE',
      'Appends the lines there; runs that it already holds are not trained again, and commands with the same FILE share the others.',
    ),
    markdown: switchFlag('The table as Markdown.'),
    ...settingFlags(shared),
  },
} satisfies CommandSpec<Flags>;

type Values = FlagValues<typeof command.flags>;

const FAILED = 1;
/** How often it is looked whether another process has ended a run. */
const POLL_MS = 250;

/**
 * Exit code 1: a run diverged or could not be started. Throws UsageError, SettingError, DataError, BackendError, and WriteError when
 * a line could not be kept.
 */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  if (!flags.methods) throw new UsageError('--methods is missing.', 'Give the methods to compare, or all.');
  if (!flags.budgets) throw new UsageError('--budgets is missing.', 'Give some, as 10k,40k or 1/4,1/16.');
  const file = flags.out === undefined ? undefined : await ResultFile.open(flags.out, '--out');
  const dataset = await loadData(flags);
  const { methods, budgets, seeds = 1 } = flags;
  const comparison = expandComparison(
    { settings: givenSettings(flags), methods, budgets, seeds },
    dataset.fields,
  );
  const backend = await openBackend(flags.backend ?? 'cpu');
  try {
    return await runAll(comparison, { dataset, backend, file }, flags);
  } finally {
    backend.destroy();
    await file?.close();
  }
}

interface Inputs {
  readonly dataset: Dataset;
  readonly backend: Backend;
  readonly file: ResultFile | undefined;
}

async function runAll(comparison: ComparisonRuns, inputs: Inputs, flags: Values): Promise<number> {
  const { dataset, backend, file } = inputs;
  const fingerprint = await fingerprintOf(dataset);
  const report = new ComparisonReport(dataset, comparison.runs.length);
  const batchCache = new DeviceBatchesCache();
  const end = heedSignals(REPLACED);
  const session = { batchCache, signal: end.signal, report };
  let failure: WriteError | undefined;
  try {
    for (const pair of comparison.unreachable) report.unreachable(pair);
    const named = comparison.runs.map((run) => ({
      ...run,
      key: runKey(run.settings, fingerprint, backend.kind),
    }));
    await finishAll(named, inputs, session);
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    failure = error;
  } finally {
    end.release();
    batchCache.destroy();
  }
  if (file) report.problems(file);
  report.table(flags.markdown ? 'markdown' : 'text');
  if (failure) throw failure;
  return end.exitCode ?? (report.hasFailures ? FAILED : 0);
}

type NamedRun = ComparisonRun & { readonly key: string };

/** Until every run has ended, here or in another process that appends to the same file. */
async function finishAll(runs: readonly NamedRun[], inputs: Inputs, session: Session): Promise<void> {
  const { signal, report } = session;
  let left = runs;
  while (left.length > 0 && !signal.aborted) {
    const elsewhere: NamedRun[] = [];
    for (const run of left) {
      if (signal.aborted) break;
      if (!(await finishOne(run, inputs, session))) elsewhere.push(run);
    }
    if (elsewhere.length === left.length) {
      report.waiting(elsewhere.length);
      await delay(POLL_MS, undefined, { signal }).catch(() => {});
    }
    left = elsewhere;
  }
}

/** False: another process has it. */
async function finishOne(run: NamedRun, inputs: Inputs, session: Session): Promise<boolean> {
  const { file } = inputs;
  const claim = file?.find(run.key) ?? (await file?.claim(run.key)) ?? 'own';
  if (claim === 'elsewhere') return false;
  if (claim !== 'own') session.report.kept(claim);
  else {
    const line = await trainOne(run, inputs, session);
    if (!line) await file?.release(run.key);
    else
      try {
        await file?.append(line); // before it is told of
      } finally {
        session.report.finished(line);
      }
  }
  return true;
}

interface Session {
  readonly batchCache: DeviceBatchesCache;
  readonly signal: AbortSignal;
  readonly report: ComparisonReport;
}

/** The line of a run that came to its end; a run that cannot start is reported, and the others go on. */
async function trainOne(
  { asked, settings, key }: NamedRun,
  { dataset, backend }: Inputs,
  { batchCache, signal, report }: Session,
): Promise<ComparisonLine | null> {
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
  return result && result.reason !== 'stopped'
    ? { ...resultLine(result), askedBudget: asked.text, key }
    : null;
}
