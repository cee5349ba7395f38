import { fingerprintOf } from '../data/fingerprint.ts';
import { allocate } from '../compression/allocate.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { type AskedBudget, FULL_DIM, parametersOf, parseBudget } from '../comparison/askedBudgets.ts';
import { type Settings, settingTable } from '../settings/settings.ts';
import type { CheckpointOwner } from '../training/checkpoint/checkpointFile.ts';
import { PacedKeeper } from '../training/checkpoint/pacedKeeper.ts';
import type { RunResult } from '../training/events/events.ts';
import { plannedChanges } from '../training/resize/sizeChanges.ts';
import { type TrainOptions, trainRun } from '../training/train.ts';
import {
  CheckpointFiles,
  checkNoneLeft,
  checkpointPaths,
  type LastCheckpoint,
  readLastCheckpoint,
} from './checkpointFiles.ts';
import {
  choiceFlag,
  type CommandSpec,
  countFlag,
  type Flag,
  type Flags,
  type FlagTexts,
  type FlagValues,
  givenSettings,
  parseTexts,
  readFlags,
  secondsFlag,
  settingFlags,
  switchFlag,
  textFlag,
} from './flags.ts';
import { readMemoryLimits } from './memoryLimits.ts';
import { openBackend, heedful } from './openBackend.ts';
import { dataFlags, loadData } from './openData.ts';
import {
  type AskedResize,
  checkResizes,
  parseBudgets,
  parseResizes,
  sayNotReached,
} from './plannedResizes.ts';
import { lockRun } from './processMarks.ts';
import { checkpointBase, checkSameData, findCheckpoints, mergeFlags, noteOf } from './resumedRun.ts';
import { saveRun } from './saveRun.ts';
import { heedSignals } from './signals.ts';
import { printSlices, writePredictions } from './testPredictions.ts';
import { reportEvent, showTraining } from './trainReport.ts';
import { UsageError } from './usage.ts';
import { tryWholeWrite } from './wholeFile.ts';

const FAILED = 1;

const command = {
  name: 'train',
  summary:
    'Trains a model: a line per evaluation, then one line of JSON with the result. Ctrl+C, SIGTERM and SIGHUP stop, evaluate, report ' +
    'and save; once more, and it ends at once.',
  usage:
    '(--data FILE | --data sample:clicks) --method M (--dim D | --budget N) [flags]\n       dimmer train --resume FILE',
  flags: {
    ...dataFlags,
    dim: countFlag(
      'D',
      'Dim of the most popular rows (uniform: of all); the budget follows. Or give --budget.',
      [1, 4096],
    ),
    resizeAt: {
      placeholder: 'STEP:BUDGET,…',
      help: `Budgets that the run goes over to after these steps, keeping what it has learnt: parameters, or shares of the model at d = ${FULL_DIM}, as 300:30k,600:1/8.`,
      parse: parseResizes,
    } satisfies Flag<readonly AskedResize[]>,
    save: textFlag(
      'FILE',
      'Writes the best weights and the settings there, as safetensors: see dimmer spectrum.',
    ),
    checkpointEvery: secondsFlag(
      'SECONDS',
      'How often a run with --save or --checkpoint keeps what --resume needs. 0: never. Default: 30.',
    ),
    checkpoint: textFlag(
      'FILE',
      'Keeps checkpoints in FILE-1 and FILE-2 instead of beside the file of --save. They are removed when the run has ended.',
    ),
    resume: textFlag(
      'FILE',
      'Goes on with the run of this --save or --checkpoint, to the same bits. All else is as it was asked for then, but --data, ' +
        '--save, --checkpoint-every, --backend and --json may be given again.',
    ),
    compressTo: {
      placeholder: 'BUDGET,…',
      help: 'Budgets that the trained model is compressed to when the run is over, as 30k,15000: a line each.',
      parse: parseBudgets,
    } satisfies Flag<readonly number[]>,
    compressBy: choiceFlag(
      ['truncate', 'quantise', 'hash'],
      'How: to the dims that lose least, to as many bits as the budget pays for, or to rows that ids share. Default: truncate.',
    ),
    fineTuneSteps: countFlag(
      'N',
      'Steps that each of them is trained on for, after a line without them.',
      [1, 1e9],
    ),
    predictions: textFlag(
      'FILE',
      'Writes what is predicted of every test example as CSV: its number, its label, the logit of a click or the rating.',
    ),
    json: switchFlag(
      'Evaluations as JSON too, and the test split by the popularity of values; the result always is.',
    ),
    ...settingFlags((Object.keys(settingTable) as (keyof Settings)[]).filter(isNoBudget)),
    budget: {
      placeholder: 'N',
      help: `Cap on the parameters of the embedding layer, as 30k, or a share of the model at d = ${FULL_DIM}, as 1/8. Default: chosen for the data.`,
      parse: (text) => (text.trim() === 'auto' ? null : parseBudget(text)),
    } satisfies Flag<AskedBudget | null>,
  },
} satisfies CommandSpec<Flags>;

type Values = FlagValues<typeof command.flags>;

/** A budget may be a share, which the settings of a run know nothing of. */
function isNoBudget(name: keyof Settings): name is Exclude<keyof Settings, 'budget'> {
  return name !== 'budget';
}

/**
 * Exit code 1: the run diverged, was stopped before it had started, or its weights could not be written. Throws UsageError, SettingError, DataError, TrainingError,
 * BackendError.
 */
export async function trainCommand(args: readonly string[]): Promise<number> {
  const given = readFlags(args, command);
  if (given.resume !== undefined) return resumeRun(given);
  const flags = parseTexts(given, command);
  checkSize(flags);
  const base = flags.checkpoint ?? (flags.save === undefined ? undefined : checkpointBase(flags.save));
  if (base === undefined) return train({ flags });
  await tryPlaces(flags, base);
  const lock = await lockRun(base);
  try {
    await checkNoneLeft(base, nameOf({ base }, flags.save));
    return await train({ flags, kept: { base, note: noteOf(given, base) } });
  } finally {
    await lock.remove();
  }
}

async function resumeRun(given: FlagTexts): Promise<number> {
  const { resume = '' } = parseTexts({ resume: given.resume }, command);
  const base = await findCheckpoints(resume);
  if (base === undefined) return 0;
  const lock = await lockRun(base);
  try {
    const from = await readLastCheckpoint(base);
    if (!from) throw new UsageError(`No checkpoint of ${resume} is whole.`, 'Start the run again.');
    const texts = mergeFlags(from, given, base);
    const flags = parseTexts(texts, command);
    await tryPlaces(flags, base);
    return await train({ flags, kept: { base, from, note: noteOf(texts, base) } });
  } finally {
    await lock.remove();
  }
}

/** Throws UsageError. */
function checkSize({ dim, budget, allocation }: Values): void {
  if (dim === undefined) return;
  if (budget) throw new UsageError('--dim and --budget are both given.', 'Give one of them.');
  if (allocation === 'spectral')
    throw new UsageError(
      '--dim leaves a spectral allocation nothing to share out.',
      'Give --budget instead.',
    );
}

/** Before anything is loaded or trained for files that could not be written. Throws UsageError. */
async function tryPlaces({ save, checkpoint }: Values, base: string): Promise<void> {
  if (save !== undefined) await tryWholeWrite(save, '--save');
  for (const path of checkpointPaths(base))
    await tryWholeWrite(path, checkpoint === undefined ? '--save' : '--checkpoint');
}

/** What is kept of a run while it trains. */
interface Kept {
  readonly base: string;
  readonly note: string;
  readonly from?: LastCheckpoint;
}

async function train({ flags, kept }: { readonly flags: Values; readonly kept?: Kept }): Promise<number> {
  const { save, predictions, json = false, checkpointEvery = 30 } = flags;
  const { compressTo: budgets, compressBy: by = 'truncate', fineTuneSteps = 0 } = flags;
  if (predictions !== undefined) await tryWholeWrite(predictions, '--predictions');
  const dataset = await loadData(flags, { keepNames: save !== undefined });
  const resizeAt = flags.resizeAt?.map(({ step, budget }) => ({
    step,
    budget: parametersOf(budget, dataset.fields),
  }));
  const from = kept?.from;
  if (from) await checkSameData(from, dataset);
  const files = kept && new CheckpointFiles(kept.base, await ownerOf(dataset, kept.note), from);
  const keeps = files && checkpointEvery > 0;
  const backend = await openBackend(flags.backend ?? 'cpu');
  const end = heedSignals('stopped');
  const progress = showTraining();
  let isSaved = true;
  let result: RunResult | undefined;
  try {
    const run: TrainOptions = {
      ...describeRun(flags, dataset),
      dataset,
      backend,
      memory: readMemoryLimits(),
      scheduling: heedful,
      signal: end.signal,
      sizes: resizeAt && plannedChanges(resizeAt),
      compression: budgets && { by, budgets, fineTuneSteps },
      checkpoints: keeps ? new PacedKeeper(1000 * checkpointEvery, files.write, end.signal) : undefined,
      from: from?.checkpoint,
      onTrained: async (trained, _, metrics) => {
        if (save !== undefined) isSaved = await saveRun(trained, save, metrics);
      },
    };
    for await (const event of trainRun(run)) {
      if (event.kind === 'started' && resizeAt) checkResizes(resizeAt, event, dataset);
      progress.show(event);
      const tested = event.kind === 'finished' ? event.testPredictions : undefined;
      if (tested && json) printSlices(dataset, tested);
      reportEvent(event, json);
      if (event.kind === 'finished') result = event.result;
      if (tested && predictions !== undefined) await writePredictions(predictions, dataset, tested);
    }
    if (files && isSaved && result && !end.signal.aborted) await files.remove();
  } finally {
    progress.clear();
    end.release();
    backend.destroy();
    if (files?.lastStep !== undefined) sayHowToGoOn(files.lastStep, nameOf(kept!, save), isSaved);
  }
  if (!result) {
    process.stderr.write('Stopped before the first step: there is no result.\n');
    return FAILED;
  }
  if (resizeAt) sayNotReached(resizeAt, result);
  return isSaved && result.reason !== 'diverged' ? 0 : FAILED;
}

async function ownerOf(dataset: ReadableDataset, note: string): Promise<CheckpointOwner> {
  return { runId: null, data: { name: dataset.name, fingerprint: await fingerprintOf(dataset) }, note };
}

/** What --resume finds a run by. */
function nameOf({ base }: Pick<Kept, 'base'>, save: string | undefined): string {
  return save !== undefined && checkpointBase(save) === base ? save : base;
}

/** A run that was stopped, or whose weights found no place, is not over. */
function sayHowToGoOn(step: number, resume: string, isSaved: boolean): void {
  const other = isSaved ? '' : ' --save ANOTHER_FILE';
  process.stderr.write(`To go on from step ${step}: dimmer train --resume ${resume}${other}\n`);
}

/** With --dim the base dim is held fixed and what it costs is the budget. */
function describeRun(
  flags: Values,
  { fields }: ReadableDataset,
): Pick<TrainOptions, 'settings' | 'allocation'> {
  const { budget } = flags;
  const settings = givenSettings({ ...flags, budget: budget && parametersOf(budget, fields) });
  if (flags.dim === undefined) return { settings };
  const { method, alpha, rounding, blocks, popularity, maxDim } = settings;
  const request = { method, alpha, rounding, blocks, popularity, maxDim, baseDim: flags.dim };
  const allocation = allocate(fields, request);
  return { settings: { ...settings, budget: allocation.parameters }, allocation };
}
