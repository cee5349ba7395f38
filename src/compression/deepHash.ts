import type { Decoder, FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  checkTotal,
  decoderParameters,
  describeStorage,
  fullTable,
  hyperparametersOf,
  parametersOf,
  type Storage,
  tooSmall,
} from './fixedDim.ts';
import type { Method, MethodHyperparameters } from './method.ts';

const decoded: FieldStorage = { kind: 'deep-hash' };

/**
 * Kang et al. 2021, "Learning to Embed Categorical Features without Embedding Tables". There every field
 * has a network; here one serves all, and the hashes, which are of field and id, tell the fields apart.
 */
export const deepHash: Method = {
  paper: 'Kang et al. 2021, arXiv 2010.10784',
  explanation:
    'There is no table: k hashes of the id, as numbers from −1 to 1, pass through a neural network that gives the vector. One network serves all fields, whose hashes differ.',
  formula: 'e = MLP(hash₁(x) … hash_k(x)),  k → h → … → h → D',
  hyperparameters: ['vectorDim', 'hashes', 'hiddenLayers', 'hiddenWidth', 'threshold'],
  allocate(blocks, request) {
    const hyperparameters = hyperparametersOf(request);
    const rows = cardinalitiesOf(blocks);
    const { kept, covered } = split(rows, hyperparameters);
    const full: Storage = { fields: rows.map(() => fullTable) };
    const { budget = Infinity } = request;
    if (hyperparameters.hiddenWidth !== null) {
      const storage =
        covered > 0
          ? decode(rows, hyperparameters, decoderOf(hyperparameters, hyperparameters.hiddenWidth))
          : full;
      checkTotal(parametersOf(storage, rows, hyperparameters.vectorDim), request.budget);
      return describeStorage(blocks, request, storage);
    }
    // At most as large as the tables that it replaces.
    const most = Math.min(budget - kept, covered);
    if (leastDecoder(hyperparameters) >= covered) {
      if (kept + covered > budget) throw tooSmall(budget, kept + covered);
      return describeStorage(blocks, request, full);
    }
    if (leastDecoder(hyperparameters) > most) throw tooSmall(budget, kept + leastDecoder(hyperparameters));
    return describeStorage(
      blocks,
      request,
      decode(rows, hyperparameters, decoderOf(hyperparameters, widestWithin(most, hyperparameters))),
    );
  },
  reachableRange(blocks, request) {
    const hyperparameters = hyperparametersOf(request);
    const { kept, covered } = split(cardinalitiesOf(blocks), hyperparameters);
    return { min: kept + Math.min(covered, leastDecoder(hyperparameters)), max: kept + covered };
  },
};

/** Parameters of the full tables of fields that keep one, and of those that are decoded instead. */
function split(rows: readonly number[], { threshold, vectorDim }: MethodHyperparameters) {
  const all = rows.reduce((sum, own) => sum + own, 0);
  const kept = rows.reduce((sum, own) => sum + (own <= threshold ? own : 0), 0);
  return { kept: kept * vectorDim, covered: (all - kept) * vectorDim };
}

function decode(rows: readonly number[], { threshold }: MethodHyperparameters, decoder: Decoder): Storage {
  return { fields: rows.map((own) => (own <= threshold ? fullTable : decoded)), decoder };
}

function decoderOf({ hashes, hiddenLayers }: MethodHyperparameters, hiddenWidth: number): Decoder {
  return { hashes, hiddenLayers, hiddenWidth };
}

function leastDecoder(hyperparameters: MethodHyperparameters): number {
  return decoderParameters(decoderOf(hyperparameters, 1), hyperparameters.vectorDim);
}

/** The largest h: L·h² + (k + 1 + L + D)·h + D ≤ budget. */
function widestWithin(budget: number, hyperparameters: MethodHyperparameters): number {
  const { hashes, hiddenLayers, vectorDim } = hyperparameters;
  const linear = hashes + 1 + hiddenLayers + vectorDim;
  const room = budget - vectorDim;
  // The root of the quadratic, in the form that loses no digits to cancellation.
  const root = (2 * room) / (linear + Math.sqrt(linear ** 2 + 4 * hiddenLayers * room));
  const fits = (width: number) => decoderParameters(decoderOf(hyperparameters, width), vectorDim) <= budget;
  let width = Math.max(1, Math.floor(root));
  while (fits(width + 1)) width++;
  while (width > 1 && !fits(width)) width--;
  return width;
}
