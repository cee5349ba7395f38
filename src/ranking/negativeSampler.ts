import { pcg4d, streamOf } from '../random/random.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import type { NegativeSampling } from '../settings/settings.ts';
import { AliasTable } from './aliasTable.ts';
import { Interactions } from './interactions.ts';

/** Of word2vec, Mikolov et al. 2013: between all alike and as often as in training. */
const POPULARITY_POWER = 0.75;
const STREAM = streamOf('negatives');
/** Counters of an example in an epoch: 64 negatives have as many draws, and 1,000 epochs fit into 32 bits. */
const MOST_DRAWS = 2 ** 16;
/** Until a positive is taken for a negative, because the user has nearly every item. */
const DRAWS_PER_NEGATIVE = 2 ** 10;

/**
 * Samples items that a user does not have in training. What is drawn depends on seed, epoch and example alone, not on batches or on
 * what was drawn before, so that a run goes on from a checkpoint with the same negatives. The rare row stands for no item and is
 * never drawn.
 */
export class NegativeSampler {
  readonly #seed: number;
  readonly #table: AliasTable;
  readonly #positives: Interactions;
  readonly #words = new Uint32Array(4);

  constructor(dataset: ReadableDataset, sampling: NegativeSampling, seed: number) {
    const { counts, rareId } = dataset.fields[1];
    const power = sampling === 'popularity' ? POPULARITY_POWER : 0;
    this.#seed = seed;
    this.#table = new AliasTable(
      Float64Array.from(counts, (count, item) => (item === rareId ? 0 : count ** power)),
    );
    this.#positives = new Interactions(dataset, 'train');
  }

  /** Fills `negatives` for a training example, which is an index into the data set, of a user. */
  draw(example: number, user: number, epoch: number, negatives: Uint32Array): void {
    const words = this.#words;
    let draws = 0;
    for (let k = 0; k < negatives.length; k++) {
      const last = draws + DRAWS_PER_NEGATIVE;
      do {
        pcg4d(example, epoch * MOST_DRAWS + draws++, STREAM, this.#seed, words);
        negatives[k] = this.#table.draw(words[0], words[1]);
      } while (draws < last && this.#positives.has(user, negatives[k]));
    }
  }
}
