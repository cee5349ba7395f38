import type { Dataset } from '../../data/dataset.ts';
import type { RankingLoss } from '../../model/spec.ts';
import { TrainingError } from '../events/errors.ts';
import type { ResolvedSettings } from '../events/events.ts';

/** How examples are grouped with sampled negatives; undefined: they have labels. */
export function rankingOf(
  { rankingLoss, negatives }: Pick<ResolvedSettings, 'rankingLoss' | 'negatives'>,
  { task }: Pick<Dataset, 'task'>,
): RankingLoss | undefined {
  return task === 'ranking' ? { loss: rankingLoss, negatives } : undefined;
}

/** Throws TrainingError where a batch has no room for a group, or the data no items to rank. */
export function checkRanking(
  { negatives }: RankingLoss,
  batch: number,
  { fields }: Pick<Dataset, 'fields'>,
): void {
  if (batch <= negatives)
    throw new TrainingError(
      `A batch of ${batch} has no room for a positive and its ${negatives} negatives.`,
      `Choose a batch of ${1 + negatives} or more.`,
    );
  // The rare row is no item.
  if (fields[1].cardinality < 3)
    throw new TrainingError(
      'There is nothing to rank: training knows fewer than two items.',
      'Load more lines, or share fewer values in the rare row.',
    );
}
