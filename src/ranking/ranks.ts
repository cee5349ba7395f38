/**
 * The ranks of held-out items among all that compete, 1 the best: those that are not in `known`, which are the user's in training, and
 * not the rare row. The lower id goes first of equal scores. An item that training never saw lies in the rare row and is behind all.
 * NaN, if a score is.
 */
export function ranksOf(
  scores: Float32Array, // [items]
  held: Uint32Array,
  known: Uint32Array,
  rareId: number,
): number[] {
  const competes = new Uint8Array(scores.length).fill(1);
  competes[rareId] = 0;
  for (const item of known) competes[item] = 0;
  return Array.from(held, (own) => {
    if (own === rareId) return Infinity;
    const score = scores[own];
    let rank = 1;
    for (let item = 0; item < scores.length; item++) {
      const other = scores[item];
      if (Number.isNaN(other)) return NaN;
      if (competes[item] && (other > score || (other === score && item < own))) rank++;
    }
    return rank;
  });
}
