import type { FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  describeStorage,
  fullTable,
  hyperparametersOf,
  parametersOf,
  tooSmall,
} from './fixedDim.ts';
import type { Method, MethodDescription, MethodHyperparameters } from './method.ts';

/** The memory holds at least one vector. */
const leastElements = ({ vectorDim }: MethodHyperparameters): number => vectorDim;

/** A method that takes every element of every vector from one memory of m floats. */
export function sharedMemoryMethod(
  description: MethodDescription,
  storageOf: (hyperparameters: MethodHyperparameters) => FieldStorage,
): Method {
  return {
    ...description,
    allocate(blocks, request) {
      const hyperparameters = hyperparametersOf(request);
      const rows = cardinalitiesOf(blocks);
      const { fields, kept, all } = measure(rows, hyperparameters, storageOf);
      const { budget = all } = request;
      // The budget pays for full tables.
      if (budget >= all) return describeStorage(blocks, request, { fields: rows.map(() => fullTable) });
      const least = kept + leastElements(hyperparameters);
      if (budget < least) throw tooSmall(budget, Math.min(all, least));
      const sharedElements = Math.floor(budget - kept);
      const remembered = rows.reduce(
        (sum, own, field) => sum + (fields[field].kind === 'similar' ? 2 * own : 0),
        0,
      );
      return describeStorage(blocks, request, { fields, sharedElements }, kept + sharedElements - remembered);
    },
    reachableRange(blocks, request) {
      const hyperparameters = hyperparametersOf(request);
      const { kept, all } = measure(cardinalitiesOf(blocks), hyperparameters, storageOf);
      return { min: Math.min(all, kept + leastElements(hyperparameters)), max: all };
    },
  };
}

/** What is stored beside the memory, and what full tables would store. */
function measure(
  rows: readonly number[],
  hyperparameters: MethodHyperparameters,
  storageOf: (hyperparameters: MethodHyperparameters) => FieldStorage,
) {
  const fields = rows.map((own) =>
    own <= hyperparameters.threshold ? fullTable : storageOf(hyperparameters),
  );
  const kept = parametersOf({ fields }, rows, hyperparameters.vectorDim);
  const all = rows.reduce((sum, own) => sum + own, 0) * hyperparameters.vectorDim;
  return { fields, kept, all };
}
