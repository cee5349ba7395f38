import { fullTable } from './fixedDim.ts';
import { idsPerRow, sizedMethod, storageWithin } from './sizedMethod.ts';

/** Share of a field's rows that popular ids keep for themselves, where no setting says. */
const USUAL_HOT_SHARE = 0.5;

/**
 * Zhang et al. 2020, "Model Size Reduction Using Frequency Based Double Hashing", arXiv 2007.14523: popular ids own a
 * row, the others share rows, here by one hash, the remainder. Since ids are popularity ranks, no table has to say which
 * ids are popular: the n words that the usual count adds for it are not stored.
 */
export const frequencySplit = sizedMethod(
  {
    paper: 'Zhang et al. 2020, arXiv 2007.14523',
    explanation:
      'Popular ids keep a row each and the rare ones share the rest by their remainder. Ids are numbered by popularity, so no table of who is popular is stored; the usual count includes one.',
    formula: 'e = E[x] if x < n_hot, else E[n_hot + (x − n_hot) mod n_cold]',
    hyperparameters: ['vectorDim', 'hotShare', 'threshold'],
  },
  {
    givenSize: () => null,
    sizesOf: idsPerRow,
    solve: storageWithin,
    storeField(rows, size, { threshold, hotShare }) {
      const stored = Math.ceil(rows / size);
      if (rows <= threshold || stored === rows) return fullTable;
      const hot = Math.min(stored - 1, Math.round(stored * (hotShare ?? USUAL_HOT_SHARE)));
      return { kind: 'split', hot, cold: stored - hot };
    },
    uncounted: ({ kind }, rows) => (kind === 'split' ? rows : 0),
  },
);
