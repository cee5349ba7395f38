import type { Allocation, Decoder, FieldStorage, Partition } from '../compression/allocation.ts';
import { placeSeed, signaturePicks } from '../compression/minhash.ts';
import { type Address, type Lookup, ownRows, rowsOf, type FieldSlots } from '../program/lookup.ts';
import type { CodeBits, Initial } from '../program/tensor.ts';
import type { PathPart, TensorTrainPart } from '../program/operand.ts';
import type { TableInit } from '../settings/settings.ts';
import type { BlockToPlace } from './layoutEmbedding.ts';
import { initialScale, rowVariance, tableInitial, uniformOf } from './tableInitial.ts';

/** Seed of the hash that places fields in a shared memory. It belongs to the method and is the same in every run. */
const PLACE_SEED = 0x524f4245;

export interface TableToPlace extends BlockToPlace {
  readonly initial: Initial;
  /** Whether it is pruned: most of its elements are 0 at the end. */
  readonly isSparse?: boolean;
}

/** Tables whose codes have one width, before they have a place. */
export interface CodedToPlace {
  readonly bits: CodeBits;
  readonly tables: readonly TableToPlace[];
  readonly parts: readonly FieldSlots[];
}

/** A decoder before it has parameters. */
export interface DecoderToPlace extends Decoder {
  readonly fields: readonly number[];
  /** Variance of an element of its output before training. */
  readonly variance: number;
}

/** Where every field of an allocation is looked up, and how its vector is made of the rows that are found. */
export interface Placement {
  readonly lookups: readonly Lookup[];
  readonly tables: readonly TableToPlace[];
  /** Fields whose rows are copied, or projected if their blocks have projections. */
  readonly copied: readonly FieldSlots[];
  readonly multiplied: readonly FieldSlots[];
  readonly added: readonly FieldSlots[];
  readonly paths: readonly PathPart[];
  readonly trains: readonly TensorTrainPart[];
  /** Fields whose rows are copied, except for what lies below a threshold of the field. */
  readonly thresholded: readonly FieldSlots[];
  /** Fields whose vectors are decoded from rows of codes. */
  readonly coded: readonly CodedToPlace[];
  /** The network that makes the vectors of its fields without any lookup. */
  readonly decoder: DecoderToPlace | undefined;
  /** For every field a lookup that gives every id its own row. */
  readonly biasLookups: readonly number[];
}

export function placeFields(
  allocation: Allocation,
  cardinalities: readonly number[],
  init: TableInit,
  hasBiases: boolean,
): Placement {
  const placer = new Placer(allocation, cardinalities, init);
  // Fields that share a memory, and fields that are pruned, must be consecutive.
  for (const group of [0, 1, 2]) {
    allocation.fields.forEach((storage, field) => {
      if (groupOf(storage) === group) placer.place(storage, field);
    });
  }
  if (hasBiases) placer.addBiasLookups();
  return placer;
}

class Placer implements Placement {
  readonly lookups: Lookup[] = [];
  readonly tables: TableToPlace[] = [];
  readonly copied: FieldSlots[] = [];
  readonly multiplied: FieldSlots[] = [];
  readonly added: FieldSlots[] = [];
  readonly paths: PathPart[] = [];
  readonly trains: TensorTrainPart[] = [];
  readonly thresholded: FieldSlots[] = [];
  readonly #coded: Readonly<Record<CodeBits, { tables: TableToPlace[]; parts: FieldSlots[] }>> = {
    8: { tables: [], parts: [] },
    4: { tables: [], parts: [] },
  };
  readonly #decoded: number[] = [];
  readonly biasLookups: number[] = [];
  readonly #allocation: Allocation;
  readonly #cardinalities: readonly number[];
  readonly #init: TableInit;
  #spaces = 0;
  /** How many rows of signatures the fields placed so far have. */
  #signedRows = 0;
  /** The space of the memory that fields share; undefined: no field has been placed in it yet. */
  #memorySpace: number | undefined;

  constructor(allocation: Allocation, cardinalities: readonly number[], init: TableInit) {
    this.#allocation = allocation;
    this.#cardinalities = cardinalities;
    this.#init = init;
  }

  place(storage: FieldStorage, field: number): void {
    switch (storage.kind) {
      case 'blocks':
        return this.#placeBlocks(field, this.copied);
      case 'sparse':
        return this.#placeBlocks(field, storage.threshold ? this.thresholded : this.copied, true);
      case 'codes':
        return this.#placeCodes(storage.bits, field);
      case 'partitions':
        return this.#placePartitions(storage, field);
      case 'split':
        return this.#placeSplit(storage, field);
      case 'deep-hash':
        this.#decoded.push(field);
        return;
      case 'path':
        return this.#placePath(storage, field);
      case 'tensor-train':
        return this.#placeTrain(storage, field);
      case 'shared':
        return this.#placeShared(field, (i) => {
          const place = { seed: PLACE_SEED, part: Math.floor(i / storage.chunk), within: i % storage.chunk };
          return { kind: 'hash', ...place, rows: this.#allocation.sharedElements };
        });
      case 'similar': {
        const firstRow = this.#signedRows;
        this.#signedRows += this.#cardinalities[field];
        return this.#placeShared(field, (dimension) => {
          const picks = signaturePicks(dimension, storage.hashes);
          const rows = this.#allocation.sharedElements;
          return { kind: 'signature', seed: placeSeed, firstRow, dimension, picks, rows };
        });
      }
    }
  }

  get coded(): readonly CodedToPlace[] {
    return ([8, 4] as const)
      .map((bits) => ({ bits, tables: this.#coded[bits].tables, parts: this.#coded[bits].parts }))
      .filter(({ parts }) => parts.length > 0);
  }

  get decoder(): DecoderToPlace | undefined {
    const { decoder, baseDim } = this.#allocation;
    if (!decoder || this.#decoded.length === 0) return undefined;
    const rows = Math.max(...this.#decoded.map((field) => this.#cardinalities[field]));
    return { ...decoder, fields: this.#decoded, variance: rowVariance(this.#init, rows, baseDim) };
  }

  /** Every id has a bias. It is read by the field's own lookup if that gives every id a row, otherwise by one more. */
  addBiasLookups(): void {
    ownRows(this.#cardinalities).forEach(({ field, address }) => {
      const own = this.lookups.findIndex(
        (lookup) => lookup.field === field && isOwnRow(lookup.address, this.#cardinalities[field]),
      );
      this.biasLookups.push(own >= 0 ? own : this.#addLookup(field, address));
    });
  }

  #placeBlocks(field: number, parts: FieldSlots[], isSparse = false): void {
    const { baseDim, blocks } = this.#allocation;
    const lookup = this.#addLookup(field, { kind: 'digit', divisor: 1, rows: this.#cardinalities[field] });
    for (const { field: owner, firstId, rows, dim } of blocks) {
      if (owner !== field) continue;
      const initial = tableInitial(this.#init, rows, dim, baseDim);
      this.tables.push({ lookup, firstId, rows, dim, projected: dim < baseDim, initial, isSparse });
    }
    parts.push({ field, lookup, lookups: 1 });
  }

  #placeCodes(bits: CodeBits, field: number): void {
    const { baseDim } = this.#allocation;
    const rows = this.#cardinalities[field];
    const lookup = this.#addLookup(field, { kind: 'digit', divisor: 1, rows });
    const element = tableInitial(this.#init, rows, baseDim, baseDim);
    const scale = initialScale(element, bits);
    const initial: Initial = { kind: 'codes', bits, dim: baseDim, scale, element };
    const { tables, parts } = this.#coded[bits];
    tables.push({ lookup, firstId: 0, rows, dim: baseDim, projected: false, initial });
    parts.push({ field, lookup, lookups: 1 });
  }

  /** Tables start so that the combined vector has the variance of a full table's rows. */
  #placePartitions(
    { combine, partitions }: Extract<FieldStorage, { kind: 'partitions' }>,
    field: number,
  ): void {
    const variance = rowVariance(this.#init, this.#cardinalities[field], this.#allocation.baseDim);
    const count = partitions.length;
    const own = {
      multiply: variance ** (1 / count),
      add: variance / count,
      concatenate: variance,
    }[combine];
    const first = this.lookups.length;
    for (const { divisor, rows, dim } of partitions)
      this.#addTable(this.#addLookup(field, { kind: 'digit', divisor, rows }), rows, dim, uniformOf(own));
    const part: FieldSlots = { field, lookup: first, lookups: count };
    if (count === 1 || combine === 'concatenate') this.copied.push(part);
    else (combine === 'multiply' ? this.multiplied : this.added).push(part);
  }

  /**
   * Bases start with the variance of a full table's rows. MLPs preserve it: their weights have variances of 2/D before the ReLU and
   * 1/h after it, their biases are 0.
   */
  #placePath({ hidden, bases, mlps }: Extract<FieldStorage, { kind: 'path' }>, field: number): void {
    const { baseDim } = this.#allocation;
    const variance = rowVariance(this.#init, this.#cardinalities[field], baseDim);
    const add = ({ divisor, rows }: Partition) => this.#addLookup(field, { kind: 'digit', divisor, rows });
    const lookup = add(bases);
    this.#addTable(lookup, bases.rows, bases.dim, uniformOf(variance));
    const ranges = [
      { columns: baseDim * hidden, bound: Math.sqrt(6 / baseDim) },
      { columns: hidden, bound: 0 },
      { columns: hidden * baseDim, bound: Math.sqrt(3 / hidden) },
      { columns: baseDim, bound: 0 },
    ];
    this.#addTable(add(mlps), mlps.rows, mlps.dim, { kind: 'columns', ranges });
    this.paths.push({ field, lookup, lookups: 2, hidden });
  }

  /** An element of a vector is a sum of rank² products of three elements, which decides the variance of these. */
  #placeTrain(
    { rank, factors, cores }: Extract<FieldStorage, { kind: 'tensor-train' }>,
    field: number,
  ): void {
    const variance = rowVariance(this.#init, this.#cardinalities[field], this.#allocation.baseDim);
    const initial = uniformOf((variance / rank ** 2) ** (1 / 3));
    const first = this.lookups.length;
    for (const { divisor, rows, dim } of cores)
      this.#addTable(this.#addLookup(field, { kind: 'digit', divisor, rows }), rows, dim, initial);
    this.trains.push({ field, lookup: first, lookups: cores.length, rank, factors });
  }

  #placeSplit({ hot, cold }: { readonly hot: number; readonly cold: number }, field: number): void {
    const { baseDim } = this.#allocation;
    const address: Address = { kind: 'split', hot, cold };
    const lookup = this.#addLookup(field, address);
    const variance = rowVariance(this.#init, this.#cardinalities[field], baseDim);
    this.#addTable(lookup, rowsOf(address), baseDim, uniformOf(variance));
    this.copied.push({ field, lookup, lookups: 1 });
  }

  /** Every element of a vector has a lookup of its own. All of them read one table of m rows of dim 1. */
  #placeShared(field: number, addressOf: (element: number) => Address): void {
    const { baseDim, sharedElements: rows } = this.#allocation;
    const variance = rowVariance(this.#init, Math.max(...this.#cardinalities), baseDim);
    const first = this.lookups.length;
    for (let i = 0; i < baseDim; i++) {
      const before = this.lookups.at(-1);
      const isShared = before !== undefined && before.space === this.#memorySpace;
      const lookup = this.#addLookup(field, addressOf(i), this.#memorySpace);
      this.#memorySpace = this.lookups[lookup].space;
      this.#addTable(lookup, rows, 1, uniformOf(variance), isShared);
    }
    this.copied.push({ field, lookup: first, lookups: baseDim });
  }

  #addLookup(field: number, address: Address, space = this.#spaces++): number {
    return this.lookups.push({ field, address, space }) - 1;
  }

  #addTable(lookup: number, rows: number, dim: number, initial: Initial, isShared = false): void {
    this.tables.push({ lookup, firstId: 0, rows, dim, projected: false, initial, isShared });
  }
}

function groupOf({ kind }: FieldStorage): number {
  if (kind === 'shared' || kind === 'similar') return 2;
  return kind === 'sparse' ? 1 : 0;
}

function isOwnRow(address: Address, ids: number): boolean {
  return address.kind === 'digit' && address.divisor === 1 && address.rows >= ids;
}
