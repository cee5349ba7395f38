import type { FieldStorage } from '../../src/compression/allocation.ts';
import type { ModelSpec } from '../../src/model/model.ts';
import { allocationOf, dlrmSpec, factorizationSpec } from './tinyModel.ts';

const baseDim = 12;

function train(rank: number, [p1, p2, p3]: readonly number[]): FieldStorage {
  return {
    kind: 'tensor-train',
    rank,
    factors: [2, 2, 3],
    cores: [
      { divisor: p2 * p3, rows: p1, dim: 2 * rank },
      { divisor: p3, rows: p2, dim: rank * 2 * rank },
      { divisor: 1, rows: p3, dim: rank * 3 },
    ],
  };
}

function path(hidden: number, bases: number, classes: number): FieldStorage {
  return {
    kind: 'path',
    hidden,
    bases: { divisor: 1, rows: bases, dim: baseDim },
    mlps: { divisor: bases, rows: classes, dim: 2 * baseDim * hidden + hidden + baseDim },
  };
}

/** Fields whose vectors are computed from what they look up, in every way there is, beside a full table. */
export function computedSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [17, 23, 5, 11, 8];
  return dlrmSpec({
    cardinalities,
    allocation: {
      ...allocationOf(
        cardinalities,
        cardinalities.map(() => [baseDim]),
      ),
      fields: [train(2, [3, 3, 2]), { kind: 'blocks' }, train(3, [1, 3, 2]), path(4, 4, 3), path(5, 8, 1)],
    },
    ...changes,
  });
}

/** Matrix factorisation of computed vectors alone. */
export function computedFactorizationSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [13, 29];
  return factorizationSpec({
    cardinalities,
    allocation: {
      ...allocationOf(
        cardinalities,
        cardinalities.map(() => [baseDim]),
      ),
      fields: [path(2, 5, 3), train(2, [3, 5, 2])],
    },
    tableInit: 'xavier',
    ...changes,
  });
}
