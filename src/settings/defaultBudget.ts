import type { Settings } from './settings.ts';

/** Dim of the uniform vectors that the default budget pays for: few enough for click data that α matters. */
const uniformDim = { click: 4, rating: 16 } as const;

/**
 * The budget of a run that leaves it to the data, in embedding parameters. A method that compresses
 * nothing, or whose size another setting gives, may store as much as a full table.
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
