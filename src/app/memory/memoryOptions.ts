import { formatSetting } from '../../settings/parseSetting.ts';
import type { ActivationBits, Settings } from '../../settings/settings.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';

/** A setting that trades exactness or speed for memory, and the values that the panel offers. */
export interface MemoryOption {
  readonly name: keyof Settings;
  /** From the value that takes most memory to the least, including the current one. */
  readonly changes: readonly Partial<Settings>[];
  /** The label of a value. */
  readonly nameOf: (value: Settings[keyof Settings]) => string;
}

const BITS: readonly ActivationBits[] = ['32', '16', '8', '4'];
const RANKS = [64, 16, 4, 1];

/** Powers of two, up to a batch that the training split can fill. */
const BATCHES = Array.from({ length: 12 }, (_, i) => 2 ** (15 - i));

export function memoryOptions(settings: Settings, { splits }: DatasetSummary): readonly MemoryOption[] {
  const batches = BATCHES.filter((batch) => batch <= splits.train.count || batch === BATCHES.at(-1));
  return [
    {
      name: 'activationBits',
      nameOf: (bits) => (bits === '32' ? '32, exact' : formatSetting(bits)),
      changes: [null, ...BITS].map((activationBits) => ({ activationBits })),
    },
    {
      name: 'gradientRank',
      nameOf: (rank) => (rank === 0 ? 'exact' : formatSetting(rank)),
      changes: [null, 0, ...withOwn(RANKS, settings.gradientRank || null)].map((gradientRank) => ({
        gradientRank,
      })),
    },
    {
      name: 'batch',
      nameOf: formatSetting,
      changes: [null, ...withOwn(batches, settings.batch)].map((batch) => ({ batch })),
    },
  ];
}

/** The changes whose memory the page asks the engine for: every offered value of every option. */
export function offeredChanges(settings: Settings, dataset: DatasetSummary): readonly Partial<Settings>[] {
  return [{}, ...memoryOptions(settings, dataset).flatMap(({ changes }) => changes)];
}

/** Inserts a value in its place if it is not among them. */
function withOwn(values: readonly number[], own: number | null): readonly number[] {
  return own === null || values.includes(own) ? values : [...values, own].sort((a, b) => b - a);
}
