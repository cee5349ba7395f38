import { finish, type Pieces } from '../../pieces/pieces.ts';
import type { ActivationBits, Settings } from '../../settings/settings.ts';
import { TrainingError } from '../events/errors.ts';

/** The settings that a memory limit may change. */
export interface MemoryChoice {
  readonly activationBits: ActivationBits;
  /** 0: exact. */
  readonly gradientRank: number;
  readonly batch: number;
}

const BITS: readonly ActivationBits[] = ['32', '16', '8', '4'];
const RANKS = [0, 64, 16, 4, 1];
/** No batch is halved below this: then more grows by halving than shrinks. */
const LEAST_BATCH = 8;

/**
 * All choices, from no change to the largest. Settings that are not null in `asked` stay as they are. Activation bits are lowered
 * first, because they change only weight gradients, and those little; then the rank of gradients; last the batch, on which
 * learning rate and intervals depend. Every smaller batch begins again with all bits and exact gradients.
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
 * The first choice whose run takes at most `limitBytes`: the largest batch that fits, with it the highest rank, and with both the
 * most bits. `from` is the choice without a limit; `measure` gives the least bytes that a run of a choice takes. Throws
 * TrainingError, which names the smallest limit that any choice meets.
 */
export function fitMemory(...request: Parameters<typeof fittingMemory>): MemoryChoice {
  return finish(fittingMemory(...request));
}

/** fitMemory, in pieces. */
export function* fittingMemory(
  limitBytes: number,
  from: MemoryChoice,
  asked: Pick<Settings, keyof MemoryChoice>,
  measure: (choice: MemoryChoice) => number,
): Pieces<MemoryChoice> {
  let least = { choice: from, bytes: Infinity };
  for (const choice of choicesFrom(from, asked)) {
    const bytes = measure(choice);
    if (bytes <= limitBytes) return choice;
    if (bytes < least.bytes) least = { choice, bytes };
    yield;
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

/** Suggests to leave on auto what was set by hand, because it could be lowered otherwise. */
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

/** The least number of MB, in four digits, that is enough. */
function megabytesAbove(sizeBytes: number): number {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(sizeBytes / 1e6)));
  return Number((Math.ceil((sizeBytes / 1e6) * 10 ** digits) / 10 ** digits).toFixed(digits));
}
