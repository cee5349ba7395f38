import type { FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  describeStorage,
  fullTable,
  hyperparametersOf,
  parametersOf,
  tooSmall,
} from './fixedDim.ts';
import type { Method, MethodHyperparameters } from './method.ts';

/** The memory must hold at least a vector. */
const leastElements = ({ vectorDim }: MethodHyperparameters): number => vectorDim;

/** A method that takes every element of every vector from one memory of m floats. */
export function sharedMemoryMethod(
  description: Pick<Method, 'id' | 'label' | 'paper' | 'explanation' | 'formula' | 'hyperparameters'>,
  storageOf: (knobs: MethodHyperparameters) => FieldStorage,
): Method {
  return {
    ...description,
    allocate(blocks, request) {
      const knobs = hyperparametersOf(request);
      const rows = cardinalitiesOf(blocks);
      const { fields, kept, all } = measure(rows, knobs, storageOf);
      const { budget = all } = request;
      // As much as full tables take is no compression any more.
      if (budget >= all) return describeStorage(blocks, request, { fields: rows.map(() => fullTable) });
      const least = kept + leastElements(knobs);
      if (budget < least) throw tooSmall(budget, Math.min(all, least));
      const sharedElements = Math.floor(budget - kept);
      const remembered = rows.reduce(
        (sum, own, field) => sum + (fields[field].kind === 'similar' ? 2 * own : 0),
        0,
      );
      return describeStorage(blocks, request, { fields, sharedElements }, kept + sharedElements - remembered);
    },
    reachableRange(blocks, request) {
      const knobs = hyperparametersOf(request);
      const { kept, all } = measure(cardinalitiesOf(blocks), knobs, storageOf);
      return { min: Math.min(all, kept + leastElements(knobs)), max: all };
    },
  };
}

/** What is stored beside the memory, and what full tables would store. */
function measure(
  rows: readonly number[],
  knobs: MethodHyperparameters,
  storageOf: (knobs: MethodHyperparameters) => FieldStorage,
) {
  const fields = rows.map((own) => (own <= knobs.threshold ? fullTable : storageOf(knobs)));
  const kept = parametersOf({ fields }, rows, knobs.vectorDim);
  const all = rows.reduce((sum, own) => sum + own, 0) * knobs.vectorDim;
  return { fields, kept, all };
}
