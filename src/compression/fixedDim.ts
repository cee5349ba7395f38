import { defaultSettings } from '../settings/settings.ts';
import type { Allocation, Block, Decoder, FieldStorage, Partition } from './allocation.ts';
import { BudgetTooSmallError } from './errors.ts';
import type { AllocationRequest, MethodHyperparameters } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { popularityOf } from './totals.ts';

/** How every field is stored when all vectors have dim D, and the memory that fields share. */
export interface Storage {
  readonly fields: readonly FieldStorage[];
  readonly sharedElements?: number;
  /** Of the fields of kind 'sparse', together. */
  readonly nonZeros?: number;
  readonly decoder?: Decoder;
}

/** Rows of every field: the sum of its blocks. */
export function cardinalitiesOf(blocks: readonly PopularityBlock[]): readonly number[] {
  const rows: number[] = [];
  for (const { field, rows: own } of blocks) rows[field] = (rows[field] ?? 0) + own;
  return rows;
}

export function hyperparametersOf(request: Partial<MethodHyperparameters>): MethodHyperparameters {
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return { ...defaultSettings, ...Object.fromEntries(given) };
}

/** What is stored for one field of `rows` ids; its share of a shared memory is not. */
export function storedParameters(storage: FieldStorage, rows: number, vectorDim: number): number {
  switch (storage.kind) {
    case 'blocks':
      return rows * vectorDim;
    case 'codes':
      return rows * (1 + Math.ceil((vectorDim * storage.bits) / 32)); // every row starts a word
    case 'partitions':
      return tableElements(storage.partitions);
    case 'path':
      return tableElements([storage.bases, storage.mlps]);
    case 'tensor-train':
      return tableElements(storage.cores);
    case 'split':
      return (storage.hot + storage.cold) * vectorDim;
    case 'shared':
    case 'deep-hash':
      return 0;
    case 'similar':
      return 2 * rows; // its signatures
    case 'sparse':
      return rows + 1; // where rows start
  }
}

/** (k + 1)h + L·h(h + 1) + (h + 1)D. */
export function decoderParameters({ hashes, hiddenLayers, hiddenWidth }: Decoder, vectorDim: number): number {
  const between = hiddenLayers * hiddenWidth * (hiddenWidth + 1);
  return (hashes + 1) * hiddenWidth + between + (hiddenWidth + 1) * vectorDim;
}

function tableElements(tables: readonly Partition[]): number {
  return tables.reduce((sum, { rows, dim }) => sum + rows * dim, 0);
}

export function parametersOf(
  { fields, sharedElements = 0, nonZeros = 0, decoder }: Storage,
  rows: readonly number[],
  dim: number,
): number {
  return fields.reduce(
    (sum, storage, field) => sum + storedParameters(storage, rows[field], dim),
    sharedElements + (decoder ? decoderParameters(decoder, dim) : 0) + 2 * nonZeros, // a value and its column
  );
}

export function tooSmall(budget: number, smallest: number): BudgetTooSmallError {
  return new BudgetTooSmallError(budget, smallest, `the least this method can store is ${smallest}`);
}

/** For sizes that a setting gives: the budget stays a hard cap. */
export function checkTotal(total: number, budget: number | undefined): void {
  if (budget === undefined || total <= budget) return;
  throw new BudgetTooSmallError(budget, total, `these settings store ${total}`);
}

/** An allocation of one block a field, with what the method's paper counts if that is not what is stored. */
export function describeStorage(
  blocks: readonly PopularityBlock[],
  request: AllocationRequest,
  storage: Storage,
  paperParameters?: number,
): Allocation {
  const { method, budget = null } = request;
  const { vectorDim } = hyperparametersOf(request);
  const rows = cardinalitiesOf(blocks);
  const { fields, sharedElements = 0, nonZeros, decoder } = storage;
  const parameters = parametersOf(storage, rows, vectorDim);
  const trained = fields.map((field) => (field.kind === 'sparse' ? fullTable : field));
  const thresholds = fields.filter((field) => field.kind === 'sparse' && field.threshold).length;
  const trainedParameters = thresholds + parametersOf({ fields: trained, sharedElements }, rows, vectorDim);
  const described = fields.map((field, index): Block => {
    const block = { field: index, firstId: 0, rows: rows[index], mass: 1 };
    return {
      ...block,
      popularity: popularityOf(block, request),
      dim: vectorDim,
      tableParameters: storedParameters(field, rows[index], vectorDim),
      projectionParameters: 0,
    };
  });
  return {
    method,
    alpha: 0,
    baseDim: vectorDim,
    blocks: described,
    fields,
    sharedElements,
    decoder,
    ...(nonZeros !== undefined && { nonZeros, trainedParameters }),
    embeddingParameters: parameters,
    projectionParameters: 0,
    parameters,
    paperParameters: paperParameters ?? parameters,
    budget,
  };
}

/** A full table, as every field with at most `threshold` rows has. */
export const fullTable: FieldStorage = { kind: 'blocks' };
