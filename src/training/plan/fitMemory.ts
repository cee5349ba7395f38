import type { ActivationBits, Settings } from '../../settings/settings.ts';
import { TrainingError } from '../events/errors.ts';

/** What gives way to a limit. */
export interface MemoryChoice {
  readonly activationBits: ActivationBits;
  /** 0: exact. */
  readonly gradientRank: number;
  readonly batch: number;
}

const BITS: readonly ActivationBits[] = ['32', '16', '8', '4'];
const RANKS = [0, 64, 16, 4, 1];
/** No batch is halved below this: what shrinks with it is by then less than what grows. */
const LEAST_BATCH = 8;

/**
 * The choices from the one that nobody would change to the one that is changed most; `asked`: what is not
 * null there stays. Activation bits give way first, since only weight gradients see them, and hardly; then
 * the rank of gradients; the batch, on which rates and schedules depend, last. A smaller batch is
 * begun with all bits and exact gradients again: what has given way has done so for something.
 */
function* choicesFrom(
  { activationBits, gradientRank, batch }: MemoryChoice,
  asked: Pick<Settings, keyof MemoryChoice>,
): Generator<MemoryChoice> {
  const batches = asked.batch === null ? halvings(batch) : [batch];
  const ranks = asked.gradientRank === null ? RANKS : [gradientRank];
  const widths = asked.activationBits === null ? BITS : [activationBits];
  for (const own of batches)
    for (const rank of ranks)
      for (const bits of widths) yield { activationBits: bits, gradientRank: rank, batch: own };
}

function halvings(batch: number): readonly number[] {
  return batch < 2 * LEAST_BATCH ? [batch] : [batch, ...halvings(Math.floor(batch / 2))];
}

/**
 * The first choice whose run takes at most `limitBytes`, so that it has the largest batch of all that fit,
 * with that the highest rank, and with that the most bits. `from`: without a limit; `measure` answers
 * with the least that a run takes. Throws TrainingError, which says the smallest limit that any choice meets.
 */
export function fitMemory(
  limitBytes: number,
  from: MemoryChoice,
  asked: Pick<Settings, keyof MemoryChoice>,
  measure: (choice: MemoryChoice) => number,
): MemoryChoice {
  let least = { choice: from, bytes: Infinity };
  for (const choice of choicesFrom(from, asked)) {
    const bytes = measure(choice);
    if (bytes <= limitBytes) return choice;
    if (bytes < least.bytes) least = { choice, bytes };
  }
  const smallest = megabytesAbove(least.bytes);
  throw new TrainingError(
    `This run does not fit into ${limitBytes / 1e6} MB of training memory: the least it takes is ${smallest} MB, ${describe(least.choice)}.`,
    `Give ${smallest} MB or more, ${remedyFor(asked)}.`,
  );
}

function describe({ activationBits, gradientRank, batch }: MemoryChoice): string {
  const words = [`with a batch of ${batch}`];
  if (gradientRank > 0) words.push(`gradients of rank ${gradientRank}`);
  if (activationBits !== '32') words.push(`activations of ${activationBits} bits`);
  return listOf(words);
}

/** What could give way may have been set by hand. */
function remedyFor({ activationBits, gradientRank, batch }: Pick<Settings, keyof MemoryChoice>): string {
  const held = [
    ...(activationBits === null ? [] : ['activation bits']),
    ...(gradientRank === null ? [] : ['gradient rank']),
    ...(batch === null ? [] : ['the batch']),
  ];
  const lower = 'lower the memory budget';
  return held.length === 0 ? `or ${lower}` : `${lower}, or leave ${listOf(held)} on auto`;
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The shortest decimal number of MB, of four digits, that is enough. */
function megabytesAbove(sizeBytes: number): number {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(sizeBytes / 1e6)));
  return Number((Math.ceil((sizeBytes / 1e6) * 10 ** digits) / 10 ** digits).toFixed(digits));
}
