import type { Range } from '../../data/dataset.ts';
import { Random } from '../../random/random.ts';

/**
 * Which examples make up which batch: batch k holds examples[k·B … k·B + B), the last one may hold fewer.
 * A seeded permutation deals training examples to batches once. Epochs change the order of the batches, not what is in them, so
 * that the data and the row index of a batch are made and uploaded once.
 */
export interface Batches {
  readonly batch: number;
  readonly examples: Uint32Array; // indices into the Dataset
}

export function dealBatches({ start, count }: Range, batch: number, seed: number): Batches {
  const examples = Uint32Array.from({ length: count }, (_, i) => start + i);
  return { batch, examples: new Random(seed, 'batches').shuffle(examples) };
}

/** Examples in their own order, for evaluation. */
export function consecutiveBatches({ start, count }: Range, batch: number): Batches {
  return { batch, examples: Uint32Array.from({ length: count }, (_, i) => start + i) };
}

export function batchCount({ batch, examples }: Batches): number {
  return Math.ceil(examples.length / batch);
}

/** The examples of one batch. */
export function examplesOf({ batch, examples }: Batches, index: number): Uint32Array {
  return examples.subarray(index * batch, (index + 1) * batch);
}

/** The order in which an epoch (from 0) visits the batches. [batches] */
export function epochOrder(batches: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: batches }, (_, i) => i);
  // The high word of the counter numbers the epoch: every epoch's draws are its own.
  return new Random(seed, 'order').at(epoch * 2 ** 32).shuffle(order);
}
