import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '../../../src/compression/allocate.ts';
import type { AllocationRequest } from '../../../src/compression/method.ts';
import type { MethodId } from '../../../src/settings/settings.ts';

const usual = { alpha: 0.3, blocks: 1, popularity: 'rows', rounding: 'integer', maxDim: 64 } as const;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const cardinalities = fc.array(fc.integer({ min: 30, max: 5000 }), { minLength: 1, maxLength: 5 });
const vectorDim = fc.integer({ min: 2, max: 20 });
const check = (property: fc.IRawProperty<unknown>) => fc.assert(property, { numRuns: 20 });

function allocation(method: MethodId, rows: readonly number[], hyperparameters: Partial<AllocationRequest>) {
  const fields = rows.map((cardinality, i) => ({ name: `f${i}`, cardinality }));
  return allocate(fields, { ...usual, method, budget: 1e9, ...hyperparameters } as AllocationRequest);
}

describe('methods that compute their vectors store, by their formula,', () => {
  it('tensor train: Σ r(p₁q₁ + p₂q₂r + p₃q₃), Π p ≥ n and Π q = D, where that is less than n·D', () =>
    check(
      fc.property(cardinalities, vectorDim, fc.integer({ min: 1, max: 6 }), (n, D, rank) => {
        const { parameters, fields } = allocation('tensor-train', n, { vectorDim: D, rank });
        const stored = fields.map((storage, f) => {
          if (storage.kind !== 'tensor-train') return n[f] * D;
          const [q1, q2, q3] = storage.factors;
          const [p1, p2, p3] = storage.cores.map((core) => core.rows);
          expect(q1 * q2 * q3).toBe(D);
          expect(p1 * p2 * p3).toBeGreaterThanOrEqual(n[f]);
          expect(Math.max(p1, p2, p3) ** 3).toBeLessThan(9 * n[f]);
          const own = rank * (p1 * q1 + p2 * q2 * rank + p3 * q3);
          expect(own).toBeLessThan(n[f] * D);
          return own;
        });
        expect(parameters).toBe(sum(stored));
      }),
    ));

  it('path: Σ (m·D + ⌈n/m⌉·(2Dh + h + D)), m = ⌈n/c⌉, where that is less than n·D', () =>
    check(
      fc.property(
        cardinalities,
        vectorDim,
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 16 }),
        (n, D, c, h) => {
          const { parameters } = allocation('path', n, { vectorDim: D, collisions: c, pathWidth: h });
          const stored = n.map((rows) => {
            const m = Math.ceil(rows / c);
            return Math.min(rows * D, m * D + Math.ceil(rows / m) * (2 * D * h + h + D));
          });
          expect(parameters).toBe(sum(stored));
        },
      ),
    ));

  it('deep hash: (k + 1)h + L·h(h + 1) + (h + 1)D for all fields together, and full tables of small ones', () =>
    check(
      fc.property(
        cardinalities,
        vectorDim,
        fc.integer({ min: 1, max: 200 }),
        fc.nat(3),
        fc.integer({ min: 1, max: 30 }),
        (n, D, k, L, h) => {
          const hyperparameters = { vectorDim: D, hashes: k, hiddenLayers: L, threshold: 1000 };
          const { parameters } = allocation('deep-hash', n, { ...hyperparameters, hiddenWidth: h });
          const decoder = (width: number) => (k + 1) * width + L * width * (width + 1) + (width + 1) * D;
          const kept = sum(n.filter((rows) => rows <= 1000)) * D;
          const isDecoded = n.some((rows) => rows > 1000);
          expect(parameters).toBe(kept + (isDecoded ? decoder(h) : 0));
          const covered = sum(n) * D - kept;
          fc.pre(decoder(h + 1) <= covered);
          // The width that a budget pays for.
          for (const spare of [0, decoder(h + 1) - decoder(h) - 1]) {
            const budget = kept + decoder(h) + spare;
            expect(allocation('deep-hash', n, { ...hyperparameters, budget }).parameters).toBe(
              kept + decoder(h),
            );
          }
        },
      ),
    ));

  it('tensor train of ten million rows at D = 16: cores like the paper’s, digits near 216, factors 2·2·4', () => {
    const { fields } = allocation('tensor-train', [10_131_227], { vectorDim: 16, rank: 8 });
    expect(fields[0]).toMatchObject({
      factors: [2, 2, 4],
      cores: [
        { rows: 216, dim: 16 },
        { rows: 217, dim: 128 },
        { rows: 217, dim: 32 },
      ],
    });
  });
});
