import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { allocate } from '../compression/allocate.ts';
import type { Dataset } from '../data/dataset.ts';
import { type Settings, settingTable } from '../settings/settings.ts';
import { plannedChanges, type PlannedResize } from '../training/resize/sizeChanges.ts';
import { type TrainOptions, trainRun } from '../training/train.ts';
import type { PreparedRun } from '../training/plan/prepareRun.ts';
import { encodeRun, type SavableRun } from '../training/weights/runFile.ts';
import { UsageError } from './usage.ts';
import {
  choiceFlag,
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
import { dataFlags, fingerprintOf, loadData } from './openData.ts';
import { reportEvent, showTraining } from './trainReport.ts';

const command = {
  name: 'train',
  summary:
    'Trains a model: a line per evaluation, then one line of JSON with the result. Ctrl+C stops, evaluates and reports.',
  usage: '(--data FILE | --data sample:clicks) --method M (--dim D | --budget N) [flags]',
  flags: {
    ...dataFlags,
    dim: countFlag(
      'D',
      'Dim of the most popular rows (uniform: of all); the budget follows. Or give --budget.',
    ),
    ...settingFlags(Object.keys(settingTable) as (keyof Settings)[]),
    resizeAt: {
      placeholder: 'STEP:BUDGET,…',
      help: 'Budgets that the run goes over to after these steps, keeping what it has learnt.',
      parse: parseResizes,
    } satisfies Flag<readonly PlannedResize[]>,
    save: textFlag(
      'FILE',
      'Writes the best weights and the settings there, as safetensors: see dimmer spectrum.',
    ),
    compressTo: {
      placeholder: 'BUDGET,…',
      help: 'Budgets that the trained model is compressed to when the run is over: a line each.',
      parse: parseBudgets,
    } satisfies Flag<readonly number[]>,
    compressBy: choiceFlag(
      ['truncate', 'quantise', 'hash'],
      'How: to the dims that lose least, to as many bits as the budget pays for, or to rows that ids share. Default: truncate.',
    ),
    fineTuneSteps: countFlag('N', 'Steps that each of them is trained on for, after a line without them.'),
    json: switchFlag('Evaluations as JSON too; the result always is.'),
  },
} satisfies CommandSpec<Flags>;

/** Throws UsageError. */
function parseBudgets(text: string): readonly number[] {
  return text.split(',').map((part) => {
    if (/^\d+$/.test(part.trim())) return Number(part);
    throw new UsageError(`“${part}” is not a budget in parameters`, 'Give them as 30000,15000.');
  });
}

/** Throws UsageError. */
function parseResizes(text: string): readonly PlannedResize[] {
  return text.split(',').map((part) => {
    const match = /^(\d+):(\d+)$/.exec(part.trim());
    if (match) return { step: Number(match[1]), budget: Number(match[2]) };
    throw new UsageError(`“${part}” is not a step and a budget`, 'Give them as 300:30000,600:60000.');
  });
}

type Values = FlagValues<typeof command.flags>;

/** Exit code 1: the run diverged, or was stopped before it had started. Throws UsageError, SettingError, DataError, TrainingError, BackendError. */
export async function trainCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  if (flags.dim !== undefined && typeof flags.budget === 'number') {
    throw new UsageError('--dim and --budget are both given.', 'Give one of them.');
  }
  if (flags.dim !== undefined && flags.allocation === 'spectral') {
    throw new UsageError(
      '--dim leaves a spectral allocation nothing to share out.',
      'Give --budget instead.',
    );
  }
  if (flags.save !== undefined) await checkSavePath(flags.save);
  const dataset = await loadData(flags);
  const backend = await openBackend(flags.backend ?? 'cpu');
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort('stopped'));
  const progress = showTraining();
  let exitCode = 0;
  let hasFinished = false;
  try {
    const { save } = flags;
    const onTrained = save === undefined ? undefined : (run: PreparedRun) => saveRun(run, save);
    const sizes = flags.resizeAt && plannedChanges(flags.resizeAt);
    const { compressTo: budgets, compressBy: by = 'truncate', fineTuneSteps = 0 } = flags;
    const compression = budgets && { by, budgets, fineTuneSteps };
    const signal = abort.signal;
    const control = { scheduling: heedful, signal, sizes, onTrained, compression };
    const run = { ...describeRun(flags, dataset), dataset, backend, memory: readMemoryLimits(), ...control };
    for await (const event of trainRun(run)) {
      progress.show(event);
      reportEvent(event, flags.json === true);
      if (event.kind !== 'finished') continue;
      hasFinished = true;
      if (event.result.reason === 'diverged') exitCode = 1;
    }
  } finally {
    progress.clear();
    backend.destroy();
  }
  if (hasFinished) return exitCode;
  process.stderr.write('Stopped before the first step: there is no result.\n');
  return 1;
}

/** With --dim the base dim is held fixed and what it costs is the budget. */
function describeRun(flags: Values, { fields }: Dataset): Pick<TrainOptions, 'settings' | 'allocation'> {
  const settings = givenSettings(flags);
  if (flags.dim === undefined) return { settings };
  const { method, alpha, rounding, blocks, popularity, maxDim } = settings;
  const request = { method, alpha, rounding, blocks, popularity, maxDim, baseDim: flags.dim };
  const allocation = allocate(fields, request);
  return { settings: { ...settings, budget: allocation.parameters }, allocation };
}

/** Throws UsageError before anything is trained for a file that could not be written. */
export async function checkSavePath(path: string): Promise<void> {
  const remedy = 'Check the path after --save.';
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory()) throw new UsageError(`There is no folder ${dirname(path)}.`, remedy);
  const there = await stat(path).catch(() => undefined);
  if (there && !there.isFile()) throw new UsageError(`${path} is not a file.`, remedy);
}

/** Replaces the file. Progress goes to stderr. */
export async function saveRun(run: SavableRun, path: string): Promise<void> {
  const pieces = await encodeRun(run, fingerprintOf(run.request.dataset));
  const file = await open(path, 'w');
  try {
    for (const piece of pieces) if (piece.length > 0) await file.writeFile(piece);
  } finally {
    await file.close();
  }
  const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  process.stderr.write(`Saved ${(sizeBytes / 1e6).toFixed(2)} MB to ${path}.\n`);
}
