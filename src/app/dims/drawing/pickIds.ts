import type { Allocation } from '../../../compression/allocation.ts';
import { locate } from '../../../program/lookup.ts';
import { Random } from '../../../random/random.ts';
import { tablesOf } from './fieldDiagram.ts';
import { neighboursOf, collisionsOf } from './collisions.ts';

/** A random id of a field, the same for the same draw. */
export function drawId(field: number, draw: number, ids: number): number {
  return streamOf(field, draw).below(ids);
}

/** Another id: one that shares something with the first where there is one. */
export function drawCompanion(
  allocation: Allocation,
  fields: readonly { readonly name: string; readonly cardinality: number }[],
  field: number,
  draw: number,
  id: number,
): number {
  const ids = fields[field].cardinality;
  const random = streamOf(field, draw);
  random.word();
  for (const { lookups, isMemory } of rotate(tablesOf(allocation, fields, field), draw)) {
    const [lookup] = lookups;
    if (isMemory) {
      if (lookup.address.kind === 'signature') break;
      const { ids: others } = neighboursOf(lookups, id, ids);
      if (others.length > 0) return others[random.below(others.length)];
      continue;
    }
    const collisions = collisionsOf(lookup.address, locate(lookup, id), ids);
    if (!collisions || collisions.count < 2) continue;
    const k = random.below(collisions.count);
    const other = collisions.at(k);
    return other === id ? collisions.at((k + 1) % collisions.count) : other;
  }
  const other = random.below(Math.max(1, ids - 1));
  return ids > 1 && other >= id ? other + 1 : other;
}

const streamOf = (field: number, draw: number): Random => new Random(field, 'drawing').at(draw);

/** Draw by draw another table comes first. */
function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
