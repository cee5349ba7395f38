import type { FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  describeStorage,
  fullTable,
  hyperparametersOf,
  parametersOf,
  rangeOfStorage,
  type Storage,
  storageWithin,
} from './fixedDim.ts';
import type { Method, MethodHyperparameters } from './method.ts';

/** Share of a field's rows that popular ids keep for themselves, where no setting says. */
const USUAL_HOT_SHARE = 0.5;

/**
 * Zhang et al. 2020, "Model Size Reduction Using Frequency Based Double Hashing", arXiv 2007.14523: popular ids own a
 * row, the others share rows, here by one hash, the remainder. Since ids are popularity ranks, no table has to say which
 * ids are popular: the n words that the usual count adds for it are not stored.
 */
export const frequencySplit: Method = {
  paper: 'Zhang et al. 2020, arXiv 2007.14523',
  explanation:
    'Popular ids keep a row each and the rare ones share the rest by their remainder. Ids are numbered by popularity, so no table of who is popular is stored; the usual count includes one.',
  formula: 'e = E[x] if x < n_hot, else E[n_hot + (x − n_hot) mod n_cold]',
  hyperparameters: ['vectorDim', 'hotShare', 'threshold'],
  allocate(blocks, request) {
    const hyperparameters = hyperparametersOf(request);
    const rows = cardinalitiesOf(blocks);
    const countOf = (storage: Storage) => parametersOf(storage, rows, hyperparameters.vectorDim);
    const budget = request.budget ?? Infinity;
    const storage = storageWithin(
      budget,
      sizesOf(rows),
      (size) => split(rows, size, hyperparameters),
      countOf,
    );
    const remapped = rows.reduce(
      (sum, own, field) => sum + (storage.fields[field].kind === 'split' ? own : 0),
      0,
    );
    return describeStorage(blocks, request, storage, countOf(storage) + remapped);
  },
  reachableRange(blocks, request) {
    const hyperparameters = hyperparametersOf(request);
    const rows = cardinalitiesOf(blocks);
    return rangeOfStorage(
      sizesOf(rows),
      (size) => split(rows, size, hyperparameters),
      (storage) => parametersOf(storage, rows, hyperparameters.vectorDim),
    );
  },
};

/** Ids a stored row, from one to all of the largest field. */
function sizesOf(rows: readonly number[]): readonly [number, number] {
  return [1, Math.max(...rows)];
}

function split(rows: readonly number[], idsPerRow: number, hyperparameters: MethodHyperparameters): Storage {
  const { threshold, hotShare } = hyperparameters;
  const fields = rows.map((own): FieldStorage => {
    const stored = Math.ceil(own / idsPerRow);
    if (own <= threshold || stored === own) return fullTable;
    const hot = Math.min(stored - 1, Math.round(stored * (hotShare ?? USUAL_HOT_SHARE)));
    return { kind: 'split', hot, cold: stored - hot };
  });
  return { fields };
}
