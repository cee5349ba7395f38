import type { Lookup } from '../../../program/lookup.ts';
import { formatCount, formatDim, pluralize } from '../../shared/format.ts';
import type { DiagramTable, FieldDiagram } from './fieldDiagram.ts';
import { collisionsOf, companionsOf, neighboursOf } from './collisions.ts';

export interface FieldWords {
  /** How the first id becomes its vector. */
  readonly sentence: string;
  /** What the second id shares with the first. */
  readonly beside: string;
}

export function describeDiagram(diagram: FieldDiagram): FieldWords {
  return { sentence: describeId(diagram), beside: describeOther(diagram) };
}

const ordinals = ['first', 'second', 'third'];

function describeId(diagram: FieldDiagram): string {
  const { combination, dim, nonZeros } = diagram;
  const name = `id ${formatCount(diagram.ids[0])} of ${diagram.field}`;
  const used = diagram.tables.filter(({ picks }) => picks[0] === null || picks[0].length > 0);
  const rows = used.map((table) => rowOf(table));
  const elements = pluralize(Math.ceil(dim), 'element');
  switch (combination.kind) {
    case 'copied': {
      if (isOwn(used[0], diagram.rows))
        return `${capital(name)} has ${rows[0]} to itself, and that is its vector.`;
      const others = othersOf(used[0], diagram);
      if (others === 0) return `${capital(name)} takes ${rows[0]} as its vector; no other id does.`;
      return `${capital(name)} takes ${rows[0]} as its vector; ${pluralize(others, 'other id')} ${others === 1 ? 'does' : 'do'} too.`;
    }
    case 'projected': {
      const [{ dim: stored, rows: own }] = used;
      const itself = `${capital(name)} has ${rows[0]} to itself`;
      if (stored >= dim) return `${itself}, and that is its vector.`;
      return `${itself}: ${pluralize(stored, 'number')}, of which a projection that all ${formatCount(own)} rows share makes ${formatDim(dim)}.`;
    }
    case 'pruned':
      return `${capital(name)} has ${rows[0]} to itself, but in the end all tables together keep ${formatCount(nonZeros ?? 0)} elements that are not zero.`;
    case 'codes':
      return `${capital(name)} has ${rows[0]} to itself: ${pluralize(Math.ceil(dim), 'integer')} of ${combination.bits} bits, all times one learnt scale.`;
    case 'split': {
      const { hot, cold } = combination;
      if (diagram.ids[0] < hot)
        return `${capital(name)} is one of the ${formatCount(hot)} popular ids that have a row of their own: ${rows[0]}.`;
      return `${capital(name)} is not one of the ${formatCount(hot)} popular ids: it takes ${rows[0]}, one of ${formatCount(cold)} that the others share, with ${pluralize(othersOf(used[0], diagram), 'other id')}.`;
    }
    case 'hashed':
      return describeHashed(diagram, used[0], combination.chunk, name);
    case 'similar':
      return `The ${elements} of ${name} lie in a memory of ${formatCount(used[0].rows)} numbers where ${pluralize(combination.hashes, 'minhash', 'minhashes')} of what it occurs with place them: ids that occur together share some, which ones shows only when it trains.`;
    case 'multiplied':
      return `${capital(name)} takes ${listed(rows)}, multiplied element by element; ${sharing(used, diagram)}.`;
    case 'added':
      return `${capital(name)} takes ${listed(rows)}, added up; ${sharing(used, diagram)}.`;
    case 'concatenated':
      return `${capital(name)} takes ${listed(rows)}, side by side; ${sharing(used, diagram)}.`;
    case 'train':
      return `${capital(name)} takes ${listed(rows)} of three cores of rank ${combination.rank}, whose product is its vector; ${sharing(used, diagram)}.`;
    case 'network':
      return `${capital(name)} takes ${rows[0]} and passes it through the network of its class, ${rows[1]}, with ${pluralize(combination.hidden, 'hidden unit')}; ${sharing(used, diagram)}.`;
    case 'decoded': {
      const { widths } = combination;
      return `${pluralize(widths[0], 'hash', 'hashes')} of ${name}, as numbers from −1 to 1, pass through the network ${widths.join(' → ')} that all such fields share, and give its vector; no table is looked up.`;
    }
    case 'other': {
      const made = `${combination.label} makes its vector of ${elements}`;
      if (used.length === 0) return `${capital(name)}: ${made}.`;
      return `${capital(name)} takes ${listed(rows)}, of which ${made}; ${sharing(used, diagram)}.`;
    }
  }
}

function describeHashed(diagram: FieldDiagram, memory: DiagramTable, chunk: number, name: string): string {
  const elements = Math.ceil(diagram.dim);
  const { ids, scanned } = neighboursOf(memory.lookups, diagram.ids[0], diagram.rows);
  const runs = Math.ceil(elements / chunk);
  const lie =
    chunk === 1 ? 'each at a place of its own' : `${pluralize(runs, 'run')} of ${Math.min(chunk, elements)}`;
  const others =
    scanned < diagram.rows
      ? `the first ${formatCount(scanned)} ids`
      : `the other ${formatCount(diagram.rows - 1)} ids`;
  return `The ${pluralize(elements, 'element')} of ${name} lie where a hash says, ${lie}, in a memory of ${formatCount(memory.rows)} numbers; of ${others}, ${countOf(ids.length)} share${ids.length === 1 ? 's' : ''} at least one.`;
}

function describeOther(diagram: FieldDiagram): string {
  const [id, other] = diagram.ids;
  const name = `Id ${formatCount(other)}`;
  if (id === other) return 'Both ids are the same.';
  const { kind } = diagram.combination;
  if (kind === 'decoded') return `${name} has other hashes, and the same network.`;
  if (kind === 'similar' || diagram.tables.length === 0) return '';
  if (kind === 'hashed') {
    const shared = diagram.vectors[1].filter((share) => share === 'shared').length;
    return `${name} shares ${countOf(shared)} of ${pluralize(Math.ceil(diagram.dim), 'element')} with it.`;
  }
  const used = diagram.tables.filter(({ picks }) => (picks[0]?.length ?? 0) > 0);
  const shared = used.flatMap(({ picks }, i) => (picks[0]!.some(({ isShared }) => isShared) ? [i] : []));
  if (shared.length === 0) return `${name} shares no row with it.`;
  if (used.length === 1) return `${name} has the same row, and so the same vector.`;
  if (shared.length === used.length) return `${name} has the same rows, and so the same vector.`;
  return `${name} shares the ${listed(shared.map(nth))} row${shared.length === 1 ? '' : 's'} with it.`;
}

/** row 52 of 128 */
function rowOf({ picks, firstId, rows, isMemory }: DiagramTable): string {
  const pick = picks[0]?.[0];
  if (isMemory || !pick) return `places of ${formatCount(rows)}`;
  return `row ${formatCount(pick.row - firstId)} of ${formatCount(rows)}`;
}

/** 7 other ids share the first, 127 the second, none both */
function sharing(tables: readonly DiagramTable[], diagram: FieldDiagram): string {
  const digits = tables.filter(({ isMemory }) => !isMemory);
  if (digits.length === 0) return 'other ids may share them';
  const lookups = digits.map((table): Lookup => table.lookups[0]);
  const others = digits.map((table) => othersOf(table, diagram));
  const each = others.map(
    (count, i) => `${i === 0 ? collisionsOfFirst(count) : countOf(count)} the ${nth(i)}`,
  );
  if (lookups.length === 1) return each[0].replace(' the first', ' it');
  const { count, scanned } = companionsOf(lookups, diagram.ids[0], diagram.rows);
  const all =
    lookups.length === 2 ? 'both' : `all ${['three', 'four', 'five'][lookups.length - 3] ?? ''}`.trim();
  const looked = scanned < diagram.rows ? ` of the first ${formatCount(scanned)} that could` : '';
  return `${each.join(', ')}, ${countOf(count)}${looked} ${all}`;
}

function collisionsOfFirst(count: number): string {
  if (count < 2) return `${count === 0 ? 'no' : count} other id shares`;
  return `${formatCount(count)} other ids share`;
}

/** The ids that share a row with the first id. */
function othersOf({ lookups: [lookup], picks }: DiagramTable, { rows }: FieldDiagram): number {
  const pick = picks[0]?.[0];
  return pick ? (collisionsOf(lookup.address, pick.row, rows)?.count ?? 1) - 1 : 0;
}

function isOwn({ lookups: [{ address }] }: DiagramTable, ids: number): boolean {
  return address.kind === 'digit' && address.divisor === 1 && address.rows >= ids;
}

const nth = (i: number): string => ordinals[i] ?? `${i + 1}th`;
const countOf = (count: number): string => (count === 0 ? 'none' : formatCount(count));
const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** The word for how rows are combined into the vector; '' where a row is the vector. */
export function combineWord(diagram: FieldDiagram, who: 0 | 1, isNarrow: boolean): string {
  const { combination } = diagram;
  switch (combination.kind) {
    case 'copied':
    case 'split':
      return '';
    case 'projected': {
      const own = diagram.tables.find(({ picks }) => picks[who]?.length === 1);
      if (!own || own.dim >= diagram.dim) return '';
      return isNarrow ? '· P' : `· P  ${formatDim(own.dim)} × ${formatDim(diagram.dim)}`;
    }
    case 'pruned':
      return isNarrow ? '≥ t' : 'threshold';
    case 'codes':
      return isNarrow ? '× Δ' : `× Δ  int${combination.bits}`;
    case 'multiplied':
      return isNarrow ? '×' : '× multiply';
    case 'added':
      return isNarrow ? '+' : '+ add';
    case 'concatenated':
      return isNarrow ? '‖' : 'side by side';
    case 'hashed':
      if (combination.chunk === 1) return isNarrow ? '1 by 1' : 'one by one';
      return isNarrow ? `by ${combination.chunk}` : `runs of ${combination.chunk}`;
    case 'similar':
      return isNarrow ? `mh ${combination.hashes}` : `${combination.hashes} minhashes`;
    case 'train':
      return isNarrow ? 'G·G·G' : 'G₁ · G₂ · G₃';
    case 'network':
      return isNarrow ? 'MLP' : `MLP of ${combination.hidden}`;
    case 'decoded':
      return isNarrow ? 'MLP' : `${combination.widths[0]} hashes → MLP`;
    case 'other':
      return isNarrow ? 'ƒ' : combination.label;
  }
}
