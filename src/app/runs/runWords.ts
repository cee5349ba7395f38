import type { CompressionWayId } from '../../compression/afterTraining.ts';
import { isHyperparameter } from '../../comparison/hyperparameters.ts';
import { methods } from '../../compression/methods.ts';
import { formatSetting } from '../../settings/parseSetting.ts';
import { defaultSettings, type Settings, settingTable } from '../../settings/settings.ts';
import type { CompressionOutcome, TrainedOn } from '../../training/events/events.ts';
import { formatCount, formatShort, pluralize } from '../shared/format.ts';
import type { CompressionOrder } from './requestedRun.ts';
import type { RunRecord } from './runRecord.ts';

/** Names a run by its method, α if it reads it, every hyperparameter that is not the default, and what is `swept`. */
export function nameRun(settings: Settings, swept: readonly (keyof Settings)[] = []): string {
  const { method, alpha, seed } = settings;
  const { label, hyperparameters } = methods[method];
  const temperature = hyperparameters.includes('alpha') ? [`α ${alpha.toFixed(2)}`] : [];
  const others = hyperparameters
    .filter((name) => name !== 'alpha' && settings[name] !== defaultSettings[name])
    .map((name) => `${settingTable[name].label.toLowerCase()} ${formatSetting(settings[name])}`);
  const beside = swept
    .filter((name) => !isHyperparameter(name))
    .map((name) => `${settingTable[name].label.toLowerCase()} ${formatSetting(settings[name])}`);
  const parts = [[label, ...temperature].join(' '), ...others, ...beside, ...nameTraining(settings)];
  return [...parts, ...(seed === 1 ? [] : [`seed ${seed}`])].join(', ');
}

/** Names the settings of training memory and of what follows training. */
function nameTraining(settings: Settings): readonly string[] {
  const { trainMemory, postTraining } = settings;
  const memory = trainMemory === null ? [] : [`in ${trainMemory} MB`];
  const after = postTraining === 'none' ? [] : [`then ${postTraining}`];
  return [...nameApproximations(settings), ...memory, ...after];
}

/** Records of older versions of the page may lack these settings. */
function nameApproximations({ activationBits, gradientRank }: Partial<Settings>): readonly string[] {
  const activations = [null, undefined, '32'].includes(activationBits)
    ? []
    : [`${activationBits}-bit activations`];
  return gradientRank ? [...activations, `gradients of rank ${gradientRank}`] : activations;
}

/** Names the approximations that a limit on memory led to; '' for none. */
export function describeFitted({ asked, result }: RunRecord): string {
  const named = nameApproximations(asked);
  return nameApproximations(result.settings)
    .filter((words) => !named.includes(words))
    .join(', ');
}

export function describeReason({ result }: RunRecord): string {
  if (result.compressed) return describeCompression(result.compressed);
  return [nameEnd(result), ...(result.trainedOn ?? []).slice(1).map(nameResumption)].join('; ');
}

function nameEnd({ reason, bestStep, steps, message }: RunRecord['result']): string {
  if (reason === 'completed') return 'Completed';
  if (reason === 'early-stopped') return `Stopped early, best at step ${formatCount(bestStep)}`;
  if (reason === 'stopped') return `Stopped at step ${formatCount(steps)}`;
  if (reason === 'failed') return `Failed at step ${formatCount(steps)}: ${message}`;
  return 'Diverged';
}

const nameResumption = ({ afterStep, backend }: TrainedOn): string =>
  `interrupted, and went on from step ${formatCount(afterStep)} on ${deviceNames[backend]}`;

export const deviceNames: Readonly<Record<TrainedOn['backend'], string>> = {
  cpu: 'the CPU',
  webgpu: 'the GPU',
};

const participles: Readonly<Record<CompressionWayId, string>> = {
  truncate: 'truncated',
  quantise: 'quantised',
  hash: 'hashed',
};

/** truncated, +200 steps */
function nameCompression({ by, steps }: Pick<CompressionOutcome, 'by' | 'steps'>): string {
  return steps > 0 ? `${participles[by]}, +${pluralize(steps, 'step')}` : participles[by];
}

function describeCompression(compressed: CompressionOutcome): string {
  const lost = `${(100 * compressed.lostEnergy).toFixed(2)} % of the vectors’ energy lost`;
  return `Compressed after training, ${nameCompression(compressed)}, ${lost}`;
}

export function nameOrder(name: string, { by, budget }: Pick<CompressionOrder, 'by' | 'budget'>): string {
  return `${name}, ${participles[by]} to ${formatShort(budget)}`;
}
