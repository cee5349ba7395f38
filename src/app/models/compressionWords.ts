import type { CompressionWayId } from '../../compression/afterTraining.ts';
import type { CompressionOutcome } from '../../training/events/events.ts';
import { formatShort, pluralize } from '../shared/format.ts';
import type { CompressionOrder } from '../runs/requestedRun.ts';

const participles: Readonly<Record<CompressionWayId, string>> = {
  truncate: 'truncated',
  quantise: 'quantised',
  hash: 'hashed',
};

/** truncated, +200 steps */
function nameCompression({ by, steps }: Pick<CompressionOutcome, 'by' | 'steps'>): string {
  return steps > 0 ? `${participles[by]}, +${pluralize(steps, 'step')}` : participles[by];
}

export function describeCompression(compressed: CompressionOutcome): string {
  const lost = `${(100 * compressed.lostEnergy).toFixed(2)} % of the vectors’ energy lost`;
  return `Compressed after training, ${nameCompression(compressed)}, ${lost}`;
}

export function nameOrder(name: string, { by, budget }: Pick<CompressionOrder, 'by' | 'budget'>): string {
  return `${name}, ${participles[by]} to ${formatShort(budget)}`;
}
