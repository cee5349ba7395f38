import type { FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  checkTotal,
  describeStorage,
  hyperparametersOf,
  parametersOf,
  type Storage,
  tooSmall,
} from './fixedDim.ts';
import type { Method, MethodDescription, MethodHyperparameters } from './method.ts';

/** How a method stores fields by one size that all of them share: ids a row, or a rank. */
export interface SizedFields {
  /** The size that a setting gives; null: it is solved for the budget. */
  givenSize(hyperparameters: MethodHyperparameters): number | null;
  /** The sizes to solve between. */
  sizesOf(rows: readonly number[], hyperparameters: MethodHyperparameters): readonly [number, number];
  readonly solve: typeof storageWithin;
  /** Of a field of `rows` ids. `isGiven`: the size is a setting's. */
  storeField(
    rows: number,
    size: number,
    hyperparameters: MethodHyperparameters,
    isGiven: boolean,
  ): FieldStorage;
  /** What the method's paper counts for a field beside what is stored. */
  uncounted?(storage: FieldStorage, rows: number): number;
}

/** A method whose parameters follow from one size. */
export function sizedMethod(description: MethodDescription, sized: SizedFields): Method {
  const storer =
    (rows: readonly number[], hyperparameters: MethodHyperparameters, isGiven: boolean) =>
    (size: number): Storage => ({
      fields: rows.map((own) => sized.storeField(own, size, hyperparameters, isGiven)),
    });
  return {
    ...description,
    allocate(blocks, request) {
      const hyperparameters = hyperparametersOf(request);
      const rows = cardinalitiesOf(blocks);
      const countOf = (storage: Storage) => parametersOf(storage, rows, hyperparameters.vectorDim);
      const given = sized.givenSize(hyperparameters);
      const storageAt = storer(rows, hyperparameters, given !== null);
      const sizes = sized.sizesOf(rows, hyperparameters);
      const storage =
        given === null
          ? sized.solve(request.budget ?? Infinity, sizes, storageAt, countOf)
          : storageAt(given);
      if (given !== null) checkTotal(countOf(storage), request.budget);
      const uncounted = storage.fields.reduce(
        (sum, field, i) => sum + (sized.uncounted?.(field, rows[i]) ?? 0),
        0,
      );
      return describeStorage(blocks, request, storage, countOf(storage) + uncounted);
    },
    reachableRange(blocks, request) {
      const hyperparameters = hyperparametersOf(request);
      const rows = cardinalitiesOf(blocks);
      const storageAt = storer(rows, hyperparameters, false);
      const ends = sized
        .sizesOf(rows, hyperparameters)
        .map((size) => parametersOf(storageAt(size), rows, hyperparameters.vectorDim));
      return { min: Math.min(...ends), max: Math.max(...ends) };
    },
  };
}

/** From no sharing to all ids of the largest field in one row. */
export function idsPerRow(rows: readonly number[]): readonly [number, number] {
  return [1, Math.max(...rows)];
}

/**
 * The storage that takes most of the budget, by bisection over real sizes. `storageAt` must store less for larger
 * sizes, from `least` (most parameters) to `most` (fewest). Throws BudgetTooSmallError.
 */
export function storageWithin(
  budget: number,
  [least, most]: readonly [number, number],
  storageAt: (size: number) => Storage,
  countOf: (storage: Storage) => number,
): Storage {
  const fullest = storageAt(least);
  if (countOf(fullest) <= budget) return fullest;
  const leanest = storageAt(most);
  const smallest = countOf(leanest);
  if (smallest > budget) throw tooSmall(budget, smallest);
  let [above, within] = [least, most];
  let best = leanest;
  for (let i = 0; i < 100 && within - above > within * 1e-12; i++) {
    const middle = (above + within) / 2;
    const storage = storageAt(middle);
    if (countOf(storage) <= budget) [within, best] = [middle, storage];
    else above = middle;
  }
  return best;
}

/** The same for whole sizes, where `storageAt` must not store less for larger ones. Throws BudgetTooSmallError. */
export function largestWithin(
  budget: number,
  [least, most]: readonly [number, number],
  storageAt: (size: number) => Storage,
  countOf: (storage: Storage) => number,
): Storage {
  const smallest = countOf(storageAt(least));
  if (smallest > budget) throw tooSmall(budget, smallest);
  let [within, above] = [least, most + 1];
  while (above - within > 1) {
    const middle = Math.floor((within + above) / 2);
    if (countOf(storageAt(middle)) <= budget) within = middle;
    else above = middle;
  }
  return storageAt(within);
}
