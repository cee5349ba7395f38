/**
 * Measures of a ranking, per user. `ranks`: of the held-out items among all that compete, 1 the best; every one must be there
 * once. NaN without any.
 */

/** The share of the held-out items among the first k, of as many as fit there. */
export function recallAt(ranks: readonly number[], k: number): number {
  return ranks.filter((rank) => rank <= k).length / Math.min(k, ranks.length);
}

/** Normalised discounted cumulative gain with gains of 1 (Järvelin & Kekäläinen 2002): over that of a ranking with all held-out items first. */
export function ndcgAt(ranks: readonly number[], k: number): number {
  const gain = (rank: number): number => (rank <= k ? 1 / Math.log2(rank + 1) : 0);
  const best = ranks.reduce((sum, _, i) => sum + gain(i + 1), 0);
  return ranks.reduce((sum, rank) => sum + gain(rank), 0) / best;
}

/** How many items a user is shown: the k of the metrics. */
const RANKED_ITEMS = 10;

export interface RankedUser {
  readonly ndcg: number;
  readonly recall: number;
}

/** The metrics of one user at RANKED_ITEMS. NaN, if a rank is. */
export function rankUser(ranks: readonly number[]): RankedUser {
  if (ranks.some(Number.isNaN)) return { ndcg: NaN, recall: NaN };
  return { ndcg: ndcgAt(ranks, RANKED_ITEMS), recall: recallAt(ranks, RANKED_ITEMS) };
}
