import type { Allocation } from '../../../compression/allocation.ts';
import { placeFields } from '../../../model/placeFields.ts';
import { type Address, locate, type Lookup } from '../../../program/lookup.ts';

/** How two ids of one field become vectors under an allocation. */
export interface FieldDiagram {
  readonly field: string;
  /** Ids of the field: 0 … rows − 1. */
  readonly rows: number;
  readonly ids: readonly [number, number];
  readonly tables: readonly DiagramTable[];
  readonly combination: Combination;
  /** For each id and each element of its vector: how much of it the other id shares. */
  readonly vectors: readonly [readonly Share[], readonly Share[]];
  /** Base dim D; not an integer where dims are not rounded. */
  readonly dim: number;
  /** How many elements all pruned fields keep together. */
  readonly nonZeros: number | undefined;
}

export interface DiagramTable {
  readonly lookups: readonly Lookup[];
  /** The table holds rows firstId … firstId + rows − 1 of its lookups. */
  readonly firstId: number;
  readonly rows: number;
  readonly dim: number;
  /** One memory holds the elements of all fields of this kind. */
  readonly isMemory: boolean;
  /** For each id one row per lookup, none if the id is in another table; null if the page cannot know. */
  readonly picks: readonly [readonly Pick[] | null, readonly Pick[] | null];
}

export interface Pick {
  /** The row that `locate` returns. */
  readonly row: number;
  /** The other id uses it too. */
  readonly isShared: boolean;
}

/** 'part': the other id shares some of the rows that the element is computed from. */
export type Share = 'own' | 'part' | 'shared' | 'unknown';

export type Combination =
  | { readonly kind: 'copied' | 'projected' | 'pruned' | 'multiplied' | 'added' | 'concatenated' }
  | { readonly kind: 'codes'; readonly bits: number }
  | { readonly kind: 'split'; readonly hot: number; readonly cold: number }
  | { readonly kind: 'hashed'; readonly chunk: number }
  | { readonly kind: 'similar'; readonly hashes: number }
  | { readonly kind: 'train'; readonly rank: number }
  | { readonly kind: 'network'; readonly hidden: number }
  /** Layer widths from the hashes to the vector. */
  | { readonly kind: 'decoded'; readonly widths: readonly number[] }
  /** Any other storage is drawn as rows, if it has any, with the method's name. */
  | { readonly kind: 'other'; readonly label: string };

interface NamedField {
  readonly name: string;
  readonly cardinality: number;
}

/** `label` names the method where its storage has no drawing of its own. */
export function describeField(
  allocation: Allocation,
  fields: readonly NamedField[],
  field: number,
  ids: readonly [number, number],
  label: string,
): FieldDiagram {
  const tables = tablesOf(allocation, fields, field).map((table) => pickRows(table, ids));
  const combination = combinationOf(allocation, field, label);
  const share = (who: 0 | 1): readonly Share[] =>
    shareElements(tables, who, combination, Math.ceil(allocation.baseDim));
  return {
    field: fields[field].name,
    rows: fields[field].cardinality,
    ids,
    tables,
    combination,
    vectors: [share(0), share(1)],
    dim: allocation.baseDim,
    nonZeros: allocation.nonZeros,
  };
}

type Table = Omit<DiagramTable, 'picks'>;

/** The tables in which a field is looked up; those of one memory count as one. */
export function tablesOf(
  allocation: Allocation,
  fields: readonly NamedField[],
  field: number,
): readonly Table[] {
  const cardinalities = fields.map(({ cardinality }) => cardinality);
  const { lookups, tables, coded } = placeFields(allocation, cardinalities, 'xavier', false);
  const found = new Map<string, Table & { readonly lookups: Lookup[] }>();
  for (const { lookup: index, firstId, rows, dim } of [...tables, ...coded.flatMap((own) => own.tables)]) {
    const lookup = lookups[index];
    if (lookup.field !== field) continue;
    const key = `${lookup.space} ${firstId}`;
    const known = found.get(key);
    const isMemory = lookup.address.kind === 'hash' || lookup.address.kind === 'signature';
    if (known) known.lookups.push(lookup);
    else found.set(key, { lookups: [lookup], firstId, rows, dim, isMemory });
  }
  return [...found.values()];
}

function pickRows(table: Table, ids: readonly [number, number]): DiagramTable {
  const isUnknown = table.lookups.some(({ address }) => address.kind === 'signature');
  if (isUnknown) return { ...table, picks: [null, null] };
  const isHere = (row: number) => row >= table.firstId && row < table.firstId + table.rows;
  const [a, b] = ids.map((id) => table.lookups.map((lookup) => locate(lookup, id)).filter(isHere));
  return { ...table, picks: [markShared(a, b), markShared(b, a)] };
}

function markShared(rows: readonly number[], others: readonly number[]): readonly Pick[] {
  const known = new Set(others);
  return rows.map((row) => ({ row, isShared: known.has(row) }));
}

function combinationOf(
  { fields, blocks, baseDim, decoder }: Allocation,
  field: number,
  label: string,
): Combination {
  const storage = fields[field];
  switch (storage.kind) {
    case 'blocks':
      return {
        kind: blocks.some((block) => block.field === field && block.dim < baseDim) ? 'projected' : 'copied',
      };
    case 'sparse':
      return { kind: 'pruned' };
    case 'codes':
      return storage;
    case 'partitions':
      if (storage.partitions.length === 1) return { kind: 'copied' };
      return {
        kind: ({ multiply: 'multiplied', add: 'added', concatenate: 'concatenated' } as const)[
          storage.combine
        ],
      };
    case 'split':
      return storage;
    case 'shared':
      return { kind: 'hashed', chunk: storage.chunk };
    case 'similar':
      return storage;
    case 'tensor-train':
      return { kind: 'train', rank: storage.rank };
    case 'path':
      return { kind: 'network', hidden: storage.hidden };
    case 'deep-hash': {
      const { hashes = 0, hiddenLayers = 0, hiddenWidth = 0 } = decoder ?? {};
      const hidden = Array.from({ length: hiddenLayers + 1 }, () => hiddenWidth);
      return { kind: 'decoded', widths: [hashes, ...hidden, baseDim] };
    }
    default:
      return { kind: 'other', label };
  }
}

function shareElements(
  tables: readonly DiagramTable[],
  who: 0 | 1,
  { kind }: Combination,
  dim: number,
): readonly Share[] {
  const used = tables.flatMap((table) => (table.picks[who] ?? []).map((pick) => ({ pick, table })));
  if (used.length === 0) return Array.from({ length: dim }, () => (kind === 'decoded' ? 'own' : 'unknown'));
  // The vector is its rows side by side, each as long as its table's dim.
  if (kind === 'hashed' || kind === 'concatenated')
    return used.flatMap(({ pick, table }) =>
      Array.from({ length: table.dim }, (): Share => (pick.isShared ? 'shared' : 'own')),
    );
  const shared = used.filter(({ pick }) => pick.isShared).length;
  const share: Share = shared === 0 ? 'own' : shared < used.length ? 'part' : 'shared';
  return Array.from({ length: dim }, () => share);
}

/** A short formula for how an address finds a row. */
export function addressFormula(address: Address, ids: number): string {
  switch (address.kind) {
    case 'digit': {
      const { divisor, rows } = address;
      const digit = divisor === 1 ? 'id' : `⌊id / ${divisor}⌋`;
      return divisor * rows >= ids ? digit : `${digit} mod ${rows}`;
    }
    case 'split':
      return `id, or ${address.hot} + (id − ${address.hot}) mod ${address.cold}`;
    case 'hash':
      return 'hash of id';
    case 'signature':
      return 'by what it occurs with';
  }
}
