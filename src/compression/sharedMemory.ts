import type { FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  checkTotal,
  describeStorage,
  fullTable,
  knobsOf,
  parametersOf,
  tooSmall,
} from './fixedDim.ts';
import type { Method, MethodKnobs } from './method.ts';

/** The memory must hold at least a vector. */
const leastElements = ({ vectorDim }: MethodKnobs): number => vectorDim;

/** A method that takes every element of every vector from one memory of m floats. */
export function sharedMemoryMethod(
  description: Pick<Method, 'id' | 'label' | 'paper' | 'explanation' | 'formula' | 'knobs'>,
  storageOf: (knobs: MethodKnobs) => FieldStorage,
): Method {
  return {
    ...description,
    allocate(blocks, request) {
      const knobs = knobsOf(request);
      const rows = cardinalitiesOf(blocks);
      const fields = rows.map((own) => (own <= knobs.threshold ? fullTable : storageOf(knobs)));
      const kept = parametersOf({ fields }, rows, knobs.vectorDim);
      const shared = rows.reduce((sum, own) => sum + (own <= knobs.threshold ? 0 : own * knobs.vectorDim), 0);
      if (shared === 0) {
        checkTotal(kept, request.budget);
        return describeStorage(blocks, request, { fields });
      }
      const budget = request.budget ?? kept + shared;
      const least = leastElements(knobs);
      if (budget < kept + least) throw tooSmall(budget, kept + least);
      // A memory as large as all vectors together is no compression any more.
      const sharedElements = Math.min(Math.floor(budget - kept), shared);
      return describeStorage(blocks, request, { fields, sharedElements });
    },
    reachableRange(blocks, request) {
      const knobs = knobsOf(request);
      const rows = cardinalitiesOf(blocks);
      const fields = rows.map((own) => (own <= knobs.threshold ? fullTable : storageOf(knobs)));
      const kept = parametersOf({ fields }, rows, knobs.vectorDim);
      const all = rows.reduce((sum, own) => sum + own, 0) * knobs.vectorDim;
      return { min: Math.min(all, kept + leastElements(knobs)), max: all };
    },
  };
}
