import { type Address, locate, type Lookup } from '../../../program/lookup.ts';
import type { Allocation } from '../../../compression/allocation.ts';
import { Random } from '../../../random/random.ts';
import { tablesOf } from './fieldDiagram.ts';

/** At most this many ids are searched where no closed form tells which share a row. */
const SCANNED_IDS = 20_000;
/** At most this many rows are located in a search: 5 ms in Node on 2 busy cores (2026-11-24). */
const SCANNED_ROWS = 60_000;

/** The ids of a field that are mapped to one row, in increasing order. */
export interface Collisions {
  readonly count: number;
  /** The k-th of them. */
  at(k: number): number;
}

/** The ids of a row in closed form; undefined where the address is a hash. */
export function collisionsOf(address: Address, row: number, ids: number): Collisions | undefined {
  if (address.kind === 'digit') {
    // Every run of divisor·rows ids holds `divisor` of them side by side, from row·divisor.
    const { divisor, rows } = address;
    const period = divisor * rows;
    const inLast = Math.min(divisor, Math.max(0, (ids % period) - row * divisor));
    return {
      count: Math.floor(ids / period) * divisor + inLast,
      at: (k) => Math.floor(k / divisor) * period + row * divisor + (k % divisor),
    };
  }
  if (address.kind === 'split') {
    const { hot, cold } = address;
    if (row < hot) return { count: 1, at: () => row };
    return { count: Math.ceil((ids - row) / cold), at: (k) => row + k * cold };
  }
  return undefined;
}

/** How many of the searched ids find the same row as `id` by every lookup. */
export interface Companions {
  readonly count: number;
  readonly scanned: number;
}

/** For lookups with closed forms: searches the ids of the least shared row. */
export function companionsOf(lookups: readonly Lookup[], id: number, ids: number): Companions {
  const rows = lookups.map((lookup) => locate(lookup, id));
  const collisions = lookups.map(({ address }, i) => collisionsOf(address, rows[i], ids)!);
  const fewest = collisions.reduce((a, b) => (b.count < a.count ? b : a));
  const scanned = Math.min(fewest.count, SCANNED_IDS);
  let count = 0;
  for (let k = 0; k < scanned; k++) {
    const other = fewest.at(k);
    if (other !== id && lookups.every((lookup, i) => locate(lookup, other) === rows[i])) count++;
  }
  return { count, scanned: scanned === fewest.count ? ids : scanned };
}

/** Ids that share at least one element of a shared memory with an id. */
export interface Neighbours {
  readonly ids: readonly number[];
  /** How many ids were searched: the first of the field. */
  readonly scanned: number;
}

/**
 * `lookups` find the elements of a vector in one memory by hash. Elements that lie side by side
 * are one run, of which only the start is located.
 */
export function neighboursOf(lookups: readonly Lookup[], id: number, ids: number): Neighbours {
  const runs = runsOf(lookups);
  const own = lookups.map((lookup) => locate(lookup, id));
  const reach = new Map<number, ReadonlySet<number>>();
  for (const { elements, rows } of runs)
    if (!reach.has(elements)) reach.set(elements, startsThatReach(own, elements, rows));
  const starts = runs.map(({ elements }) => reach.get(elements)!);
  const scanned = Math.min(ids, SCANNED_IDS, Math.floor(SCANNED_ROWS / runs.length));
  const found: number[] = [];
  for (let other = 0; other < scanned; other++) {
    if (other === id) continue;
    for (let r = 0; r < runs.length; r++) {
      if (!starts[r].has(locate(runs[r].start, other))) continue;
      found.push(other);
      break;
    }
  }
  return { ids: found, scanned };
}

interface Run {
  readonly start: Lookup;
  readonly elements: number;
  /** Of the memory. */
  readonly rows: number;
}

function runsOf(lookups: readonly Lookup[]): readonly Run[] {
  const runs: Run[] = [];
  for (const lookup of lookups) {
    const { address } = lookup;
    if (address.kind === 'hash' && address.within > 0) {
      const run = runs.pop()!;
      runs.push({ ...run, elements: run.elements + 1 });
    } else runs.push({ start: lookup, elements: 1, rows: 'rows' in address ? address.rows : 1 });
  }
  return runs;
}

/** Where a run of so many elements starts when it holds one of the places. */
function startsThatReach(places: readonly number[], elements: number, rows: number): ReadonlySet<number> {
  const starts = new Set<number>();
  for (const place of places)
    for (let back = 0; back < elements; back++) starts.add((((place - back) % rows) + rows) % rows);
  return starts;
}

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

/** Starts with another table at every draw. */
function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
