import type { Examples } from '../../data/dataset.ts';
import type { NegativeSampler } from '../../ranking/negativeSampler.ts';

/**
 * Makes a group of rows of each example, in place: itself with label 1, then its user with each of the negatives of this epoch and label
 * 0. `rows` holds the examples, user and item, in its first rows; `negatives` has room for those of one. Returns how many rows there are.
 */
export function spreadGroups(
  examples: Uint32Array,
  sampler: NegativeSampler,
  negatives: Uint32Array,
  epoch: number,
  { ids, labels }: Examples,
): number {
  const group = 1 + negatives.length;
  const put = (row: number, user: number, item: number, label: number): void => {
    ids[2 * row] = user;
    ids[2 * row + 1] = item;
    labels[row] = label;
  };
  // From the last to the first: no group covers an example that is still to be read.
  for (let i = examples.length - 1; i >= 0; i--) {
    const [user, item] = [ids[2 * i], ids[2 * i + 1]];
    put(i * group, user, item, 1);
    sampler.draw(examples[i], user, epoch, negatives);
    negatives.forEach((negative, k) => put(i * group + 1 + k, user, negative, 0));
  }
  return examples.length * group;
}
