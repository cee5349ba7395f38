import type { Flag } from './flags.ts';
import { UsageError } from './usage.ts';

/** The `index`-th of `count` equal parts of a list of runs, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const shardFlag: Flag<Shard> = {
  placeholder: 'I/N',
  help: 'Trains the I-th of N parts alone, counted from 1: one a machine, each with an --out of its own. See dimmer merge.',
  parse(text) {
    const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
    const shard = { index: Number(index), count: Number(count) };
    if (shard.index >= 1 && shard.index <= shard.count) return shard;
    throw new UsageError(`“${text}” is no part of a whole`, 'Give one from 1/N to N/N, as 3/16.');
  },
};

/** Every count-th item, so that no part has more than one more than another. */
export function shardOf<T>(items: readonly T[], shard: Shard | undefined): readonly T[] {
  if (!shard) return items;
  return items.filter((_, i) => i % shard.count === shard.index - 1);
}
