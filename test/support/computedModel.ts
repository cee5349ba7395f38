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

const decoded: FieldStorage = { kind: 'deep-hash' };
const decoder = { hashes: 7, hiddenLayers: 1, hiddenWidth: 6 };

/** Fields whose vectors are computed from what they look up, in every way there is, beside a full table. */
export function computedSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [17, 23, 5, 11, 8, 31, 6];
  return dlrmSpec({
    cardinalities,
    allocation: {
      ...allocationOf(
        cardinalities,
        cardinalities.map(() => [baseDim]),
      ),
      decoder,
      fields: [
        train(2, [3, 3, 2]),
        decoded,
        { kind: 'blocks' },
        train(3, [1, 3, 2]),
        path(4, 4, 3),
        decoded,
        path(5, 2, 3),
      ],
    },
    ...changes,
  });
}

/** Nothing is looked up: every field is decoded from its hashes. */
export function decodedSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [9, 70, 4];
  const allocation = allocationOf(cardinalities, [[4], [4], [4]]);
  return dlrmSpec({
    cardinalities,
    allocation: { ...allocation, decoder, fields: [decoded, decoded, decoded] },
    ...changes,
  });
}

/** Matrix factorisation of decoded vectors: only biases are looked up. */
export function decodedFactorizationSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [13, 29];
  return factorizationSpec({
    cardinalities,
    allocation: {
      ...allocationOf(cardinalities, [[4], [4]]),
      decoder: { ...decoder, hiddenLayers: 0 },
      fields: [decoded, decoded],
    },
    tableInit: 'xavier',
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
