import { describe, expect, test } from 'vitest';
import { decomposing } from '../../../src/analysis/spectrum.ts';
import { findingSurprises } from '../../../src/analysis/leverage.ts';
import { multiplying } from '../../../src/analysis/matrix.ts';
import { sketching } from '../../../src/analysis/sketch.ts';
import { TriangularFactor } from '../../../src/analysis/triangularFactor.ts';
import { signing } from '../../../src/compression/minhash.ts';
import { atOnce, copying, finish, GivenUp, type Pieces, Turns } from '../../../src/pieces/pieces.ts';
import { initialising } from '../../../src/program/initialize.ts';
import { elementCount, type Initial, type Tensor } from '../../../src/program/tensor.ts';
import { Random } from '../../../src/random/random.ts';
import { gaussian } from '../../support/randomMatrices.ts';
import { lookupsOf } from '../../support/lookupsOf.ts';

function* counting(pieces: number, log: string[] = []): Pieces<number> {
  try {
    for (let i = 0; i < pieces; i++) yield;
    return pieces;
  } finally {
    log.push('cleaned up');
  }
}

/** A clock that says how much later it is at every look. */
function clockOf(stepMs: number): () => number {
  let nowMs = 0;
  return () => (nowMs += stepMs);
}

describe('turns', () => {
  test('rest once a turn, and give what the pieces give', async () => {
    let rests = 0;
    const yieldThread = async () => void rests++;
    const turns = new Turns({ yieldThread, turnMs: 10, nowMs: clockOf(1) });
    expect(await turns.work(counting(100))).toBe(100);
    expect(rests).toBeGreaterThan(5);
    expect(rests).toBeLessThanOrEqual(10);
    expect(await atOnce.work(counting(100))).toBe(finish(counting(100)));
  });

  test('end at the rest after which the work is not wanted, and let it clean up', async () => {
    let rests = 0;
    const yieldThread = async () => void rests++;
    const turns = new Turns({ yieldThread, isGivenUp: () => rests >= 3, turnMs: 0 });
    const log: string[] = [];
    await expect(turns.work(counting(100, log))).rejects.toBeInstanceOf(GivenUp);
    expect([rests, log]).toEqual([3, ['cleaned up']]);
    await expect(turns.rest()).rejects.toBeInstanceOf(GivenUp);
  });

  test('do not begin what is not wanted', async () => {
    let begun = false;
    function* beginning(): Pieces<void> {
      begun = true;
      yield;
    }
    const turns = new Turns({ yieldThread: () => Promise.resolve(), isGivenUp: () => true });
    await expect(turns.work(beginning())).rejects.toBeInstanceOf(GivenUp);
    expect(begun).toBe(false);
  });
});

const tensor = (shape: number[], initial: Initial): Tensor => ({
  name: 'large',
  shape,
  type: initial.kind === 'codes' ? 'u32' : 'f32',
  role: 'parameter',
  layer: 'test',
  offset: 0,
  initial,
});

/** The time that the processor spends on the longest piece, which does not depend on what else the machine does. */
function longestPieceMs(pieces: Pieces<unknown>): number {
  let longest = 0;
  for (;;) {
    const before = process.cpuUsage();
    const { done } = pieces.next();
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    if (done) return longest;
  }
}

describe('a piece takes at most a tenth of a second, however long the work is:', () => {
  const rows = 60_000;
  const uniform = { kind: 'uniform', bound: 1 } as const;
  const long = gaussian(rows, 16, 1);
  const lookups = () => {
    const random = new Random(1, 'lookups');
    const cardinalities = Array.from({ length: 8 }, () => 200_000);
    const ids = Uint32Array.from({ length: 8 * rows }, () => random.below(200_000));
    return lookupsOf({ cardinalities, ids, train: { start: 0, count: rows } });
  };

  test.for<[string, () => Pieces<unknown>]>([
    ['an SVD of 250 × 250', () => decomposing(gaussian(250, 250, 1))],
    ['the triangular factor of a long table', () => new TriangularFactor(16).adding(long.values)],
    ['that of a wide one', () => new TriangularFactor(512).adding(gaussian(300, 512, 1).values)],
    ['a product', () => multiplying(long, gaussian(16, 16, 2))],
    ['a CountSketch', () => sketching('count-sketch', long, { rows: 4096, seed: 1 })],
    ['an SRHT', () => sketching('srht', long, { rows: 1024, seed: 1 })],
    ['the surprising rows of a long field', () => findingSurprises(gaussian(300_000, 1, 3).values, 12)],
    ['signatures', () => signing(lookups(), 1)],
    ['a copy', () => copying(new Float32Array(2 ** 24), new Float32Array(2 ** 24))],
    ...(['normal', 'uniform', 'codes'] as const).map((kind): [string, () => Pieces<unknown>] => [
      `initial values: ${kind}`,
      () => {
        const initial: Initial =
          kind === 'codes'
            ? { kind, bits: 8, dim: 16, scale: 0.01, element: uniform }
            : kind === 'normal'
              ? { kind, deviation: 1 }
              : uniform;
        const large = tensor(kind === 'codes' ? [rows, 5] : [rows, 16], initial);
        const values = new Float64Array(elementCount(large));
        return initialising(large, 1, (piece, offset) => values.set(piece, offset));
      },
    ]),
  ])('%s', ([, begin]) => {
    expect(longestPieceMs(begin())).toBeLessThan(100);
  });
});
