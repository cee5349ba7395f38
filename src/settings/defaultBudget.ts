import type { Settings } from './settings.ts';

/** The default budget pays for uniform vectors of this dim: so few for click data that the choice of α matters. */
const uniformDim = { click: 4, rating: 16, ranking: 32 } as const;

/**
 * The budget, in embedding parameters, of a run whose budget is null. A method that compresses
 * nothing, or whose size another setting gives, may store as much as full tables.
 */
export function defaultBudget(
  task: keyof typeof uniformDim,
  fields: readonly { readonly cardinality: number }[],
  {
    method,
    collisions,
    hiddenWidth,
    rank,
    vectorDim,
  }: Pick<Settings, 'method' | 'collisions' | 'hiddenWidth' | 'rank' | 'vectorDim'>,
): number {
  const rows = fields.reduce((sum, field) => sum + field.cardinality, 0);
  const isGiven = method === 'full' || [collisions, hiddenWidth, rank].some((size) => size !== null);
  return rows * Math.max(uniformDim[task], isGiven ? vectorDim : 0);
}
