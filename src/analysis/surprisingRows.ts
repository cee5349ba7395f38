import { highestRows } from './leverage.ts';

/** A row, and what it weighs: ranks count from 1. */
export interface RankedRow {
  readonly row: number;
  readonly leverage: number;
  readonly leverageRank: number;
  /** Rows are popularity ranks. */
  readonly popularityRank: number;
}

/** Rows looked at for surprises: this share of all, those of highest leverage. */
const SHARE = 0.05;

/**
 * The rows that matter more to a table than their popularity says: of the twentieth of highest leverage (at least `count`), those whose
 * rank in leverage is most times better than their rank in popularity; none that is not better.
 */
export function surprisingRows(leverages: ArrayLike<number>, count: number): readonly RankedRow[] {
  const most = Math.max(count, Math.ceil(SHARE * leverages.length));
  return highestRows(leverages, most)
    .map((row, i) => ({ row, leverage: leverages[row], leverageRank: i + 1, popularityRank: row + 1 }))
    .filter(({ leverageRank, popularityRank }) => leverageRank < popularityRank)
    .sort((a, b) => b.popularityRank / b.leverageRank - a.popularityRank / a.leverageRank || a.row - b.row)
    .slice(0, count);
}
