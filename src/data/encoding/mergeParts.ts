import type { Steps } from '../containers/pace.ts';
import { ByteDictionary, type PackedValues } from './byteDictionary.ts';
import type { FieldPart } from './exampleBlocks.ts';

/** A field of all encoders. */
interface MergedField {
  /** Training examples by merged code: codes rise with the first record that has the value. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** Merged codes of the values of each part; null: they are the places of the only part. */
  readonly codesOf: readonly Uint32Array<ArrayBuffer>[] | null;
  /** By merged code; null: they were not asked for. */
  readonly values: PackedValues | null;
}

const stepValues = 1 << 14;

/** Joins what encoders have of a field by value; `withValues`: and lists the values. The result does not depend on which of them read what. */
export function* mergeParts(parts: readonly FieldPart[], withValues: boolean): Steps<MergedField> {
  if (parts.length === 1) return { counts: parts[0].counts, codesOf: null, values: parts[0].values };
  const total = parts.reduce((sum, { counts }) => sum + counts.length, 0);
  const dictionary = new ByteDictionary();
  const counts = new Uint32Array(total);
  const codesOf = parts.map((part) => new Uint32Array(part.counts.length));
  const heads = parts.map(() => 0);
  for (let step = 0; step < total; step++) {
    let from = -1;
    for (let p = 0; p < parts.length; p++) {
      if (heads[p] === parts[p].firsts.length) continue;
      if (from === -1 || parts[p].firsts[heads[p]] < parts[from].firsts[heads[from]]) from = p;
    }
    const place = heads[from]++;
    const { bytes, ends } = parts[from].values!;
    const code = dictionary.code(bytes, place === 0 ? 0 : ends[place - 1], ends[place]);
    codesOf[from][place] = code;
    counts[code] += parts[from].counts[place];
    if (step % stepValues === 0) yield;
  }
  const all = Uint32Array.from({ length: withValues ? dictionary.size : 0 }, (_, code) => code);
  const values = withValues ? dictionary.pack(all) : null;
  return { counts: counts.slice(0, dictionary.size), codesOf, values };
}
