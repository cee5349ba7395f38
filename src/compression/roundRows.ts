import type { Allocation } from './allocation.ts';

/**
 * Post-training quantisation: elements in groups, each as q·Δ + z with a scale and an offset of the group,
 * 0 ≤ q < 2^bits, Δ = (max − min)/(2^bits − 1), z = min (Jacob et al. 2018, arXiv 1712.05877, §2.1). A group is a row,
 * or as many short rows as hold the elements of one of the base dim: scales of their own would cost more than they
 * save. A pruned table is one group.
 */
export interface RowCodes {
  readonly bits: 8 | 4;
  /** Elements of a group; the last may have fewer. */
  readonly group: number;
  /** Zeros stay zeros and have no code: tables that are stored as sparse rows. */
  readonly isSparse: boolean;
}

/** What is stored in place of `elements` floats, in words: codes without gaps, and two words a group. */
export function codedWords(elements: number, groups: number, bits: 8 | 4): number {
  return Math.ceil((elements * bits) / 32) + 2 * groups;
}

/** Elements of a group of rows of `dim`, in a model whose vectors have `baseDim`. */
export function groupOf(dim: number, baseDim: number): number {
  return Math.ceil(baseDim / dim) * dim;
}

/** What whole tables take once their rows are rounded; one that codes would not make smaller stays as it is. */
export function quantisedParameters(
  { blocks, baseDim, parameters }: Pick<Allocation, 'blocks' | 'baseDim' | 'parameters'>,
  bits: 8 | 4,
): number {
  return blocks.reduce((sum, { rows, dim }) => {
    const elements = rows * dim;
    const groups = Math.ceil(elements / groupOf(dim, baseDim));
    return sum + Math.min(0, codedWords(elements, groups, bits) - elements);
  }, parameters);
}

/** Replaces values by what their codes stand for. Groups begin at element 0. Errors are at most Δ/2. */
export function roundRows(values: Float32Array, { bits, group, isSparse }: RowCodes): void {
  const largest = 2 ** bits - 1;
  for (let from = 0; from < values.length; from += group) {
    const end = Math.min(values.length, from + group);
    let [least, most] = [Infinity, -Infinity];
    for (let i = from; i < end; i++) {
      if (isSparse && values[i] === 0) continue;
      least = Math.min(least, values[i]);
      most = Math.max(most, values[i]);
    }
    const scale = Math.fround((most - least) / largest);
    if (!(scale > 0)) continue; // one value, or none: it is the offset
    for (let i = from; i < end; i++) {
      if (isSparse && values[i] === 0) continue;
      values[i] = least + scale * Math.round((values[i] - least) / scale);
    }
  }
}
