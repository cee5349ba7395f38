import type { FieldStorage, Partition } from './allocation.ts';
import { fullTable, storedParameters } from './fixedDim.ts';
import type { Method, MethodDescription, MethodHyperparameters } from './method.ts';
import { idsPerRow, type SizedFields, sizedMethod, storageWithin } from './sizedMethod.ts';

/** A partition before it is known how long its vectors are. */
export type Radix = Omit<Partition, 'dim'>;

/**
 * The partitions of `rows` ids whose first has about rows / collisions classes.
 * `isExact`: exactly ⌈rows / collisions⌉, as a setting says; otherwise more, where so few classes would need a second
 * partition that stores more than they save.
 */
export type Partitioner = (
  rows: number,
  collisions: number,
  hyperparameters: MethodHyperparameters,
  isExact: boolean,
) => readonly Radix[];

/** Shi et al. 2019, arXiv 1909.02107: a method that looks a field up once for every partition of its ids. */
export function partitionMethod(description: MethodDescription, partition: Partitioner): Method {
  return collisionMethod(description, (rows, collisions, hyperparameters, isExact) =>
    partitionField(rows, collisions, hyperparameters, partition, isExact),
  );
}

/** A method whose size follows from how many ids share a row of its first table. */
export function collisionMethod(
  description: MethodDescription,
  storeField: SizedFields['storeField'],
): Method {
  return sizedMethod(description, {
    givenSize: ({ collisions }) => collisions,
    sizesOf: idsPerRow,
    solve: storageWithin,
    storeField,
  });
}

function partitionField(
  rows: number,
  collisions: number,
  hyperparameters: MethodHyperparameters,
  partition: Partitioner,
  isExact: boolean,
): FieldStorage {
  const { threshold, combine, vectorDim } = hyperparameters;
  if (rows <= threshold) return fullTable;
  const radices = partition(rows, collisions, hyperparameters, isExact);
  const dims = combine === 'concatenate' ? shareOut(vectorDim, radices.length) : undefined;
  const partitions = radices.map(({ divisor, rows: own }, i) => ({
    divisor,
    rows: own,
    dim: dims?.[i] ?? vectorDim,
  }));
  const storage: FieldStorage = { kind: 'partitions', combine, partitions };
  // Where sharing rows would store more than it saves, every id keeps its own.
  return storedParameters(storage, rows, vectorDim) < rows * vectorDim ? storage : fullTable;
}

/** `total` in `parts` whole shares that differ by one at most, the larger first. */
function shareOut(total: number, parts: number): readonly number[] {
  return Array.from({ length: parts }, (_, i) => Math.floor(total / parts) + (i < total % parts ? 1 : 0));
}

/** ⌈rows / collisions⌉, or with `isExact` false no less than ⌈rows^(1/parts)⌉. */
export function firstRadix(rows: number, collisions: number, parts: number, isExact: boolean): number {
  const wanted = Math.ceil(rows / collisions);
  return isExact ? wanted : Math.max(wanted, rootOf(rows, parts));
}

/** The least m with m^degree ≥ rows. */
export function rootOf(rows: number, degree: number): number {
  let root = Math.round(rows ** (1 / degree));
  while (root > 1 && (root - 1) ** degree >= rows) root--;
  while (root ** degree < rows) root++;
  return root;
}
