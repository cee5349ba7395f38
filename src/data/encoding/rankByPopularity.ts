import type { Steps } from '../containers/pace.ts';
import type { Field } from '../dataset.ts';
import { sortInSteps } from '../sortInSteps.ts';

export interface RankedField extends Omit<Field, 'name'> {
  readonly idOfCode: Uint32Array; // [codes]
}

/**
 * Codes → ids by falling count, ties by code: first-seen order in a file. Codes counted fewer than `minCount`
 * times share the rare id, which is ranked by the sum of their counts, after ids of the same count.
 */
export function* rankByPopularity(codeCounts: Uint32Array, minCount: number): Steps<RankedField> {
  const codes = codeCounts.length;
  const total = codeCounts.reduce((sum, count) => sum + count, 0);
  const isKept = (code: number) => codeCounts[code] >= Math.max(1, minCount);
  // Count and code in one float64, exact below 2^53, so that a sort of numbers applies: by falling count, then by code.
  const keys = new Float64Array(codes);
  let kept = 0;
  let rareCount = 0;
  for (let code = 0; code < codes; code++) {
    if (isKept(code)) keys[kept++] = (total - codeCounts[code]) * codes + code;
    else rareCount += codeCounts[code];
  }
  const sorted = keys.subarray(0, kept);
  yield* sortInSteps(sorted);
  let rareId = 0;
  while (rareId < kept && total - Math.floor(sorted[rareId] / codes) >= rareCount) rareId++;

  const idOfCode = new Uint32Array(codes).fill(rareId);
  const counts = new Uint32Array(kept + 1);
  counts[rareId] = rareCount;
  sorted.forEach((key, rank) => {
    const id = rank < rareId ? rank : rank + 1;
    const code = key % codes;
    idOfCode[code] = id;
    counts[id] = codeCounts[code];
  });
  return { cardinality: kept + 1, counts, rareId, idOfCode };
}
