import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocateWithin } from '../../../src/compression/allocateWithin.ts';
import { Random } from '../../../src/random/random.ts';
import type { Settings } from '../../../src/settings/settings.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';
import { lossOf } from '../../../src/metrics/metrics.ts';
import { finish } from '../../../src/pieces/pieces.ts';
import { refittingBlock } from '../../../src/training/resize/refitBlock.ts';
import {
  plannedChanges,
  RequestedChanges,
  type SizeChanges,
} from '../../../src/training/resize/sizeChanges.ts';
import { trainRun } from '../../../src/training/train.ts';
import { RecordingBackend } from './recordingBackend.ts';
import { tinyDataset, tinySettings } from './tinyDataset.ts';
import type { BlockVectors } from '../../../src/training/weights/modelState.ts';

const normal = (random: Random, length: number): Float32Array =>
  Float32Array.from({ length }, () => random.normal());

function randomBlock(random: Random, rows: number, dim: number, baseDim: number): BlockVectors {
  const projection = dim < baseDim ? normal(random, dim * baseDim) : undefined;
  return { table: normal(random, rows * dim), projection, dim, baseDim };
}

/** [rows, baseDim], in double precision. */
function vectorsOf({ table, projection, dim, baseDim }: BlockVectors): Float64Array {
  if (!projection) return Float64Array.from(table);
  const rows = table.length / dim;
  const vectors = new Float64Array(rows * baseDim);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < dim; k++)
      for (let j = 0; j < baseDim; j++)
        vectors[i * baseDim + j] += table[i * dim + k] * projection[k * baseDim + j];
  return vectors;
}

/** Σ_i f_i²·‖a_i − b_i‖², where b has coordinates that a has not: those count as they are. */
function distance(
  a: Float64Array,
  wideA: number,
  b: Float64Array,
  wideB: number,
  factors: Float64Array,
): number {
  let sum = 0;
  factors.forEach((factor, i) => {
    for (let j = 0; j < wideB; j++)
      sum += (factor * ((j < wideA ? a[i * wideA + j] : 0) - b[i * wideB + j])) ** 2;
  });
  return sum;
}

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  dim: fc.integer({ min: 1, max: 40 }),
  more: fc.integer({ min: 0, max: 4 }),
  toDim: fc.integer({ min: 1, max: 45 }),
  grown: fc.integer({ min: 0, max: 3 }),
  weighted: fc.boolean(),
});

describe('a block at another size', () => {
  test('differs from before by the singular values there is no room for, and by nothing if there is', () => {
    fc.assert(
      fc.property(sizes, ({ rows, dim, more, toDim, grown, weighted }) => {
        const random = new Random(4, `${rows} ${dim} ${more} ${toDim} ${grown}`);
        const baseDim = dim + more;
        const nextDim = Math.max(baseDim + grown, toDim);
        const old = randomBlock(random, rows, dim, baseDim);
        const to = randomBlock(random, rows, toDim, nextDim);
        const factors = Float64Array.from({ length: rows }, () => (weighted ? random.uniform() : 1));
        const refit = finish(
          refittingBlock(old, to, { rowFactors: weighted ? factors : undefined, opens: false }),
        );
        const before = vectorsOf(old);
        const lost = distance(before, baseDim, vectorsOf(to), nextDim, factors);
        const energy = before.reduce(
          (sum, value, k) => sum + (factors[Math.floor(k / baseDim)] * value) ** 2,
          0,
        );
        expect(Math.abs(refit.energy - energy)).toBeLessThan(1e-4 * energy);
        expect(Math.abs(Math.sqrt(lost) - Math.sqrt(refit.lost))).toBeLessThan(1e-4 * Math.sqrt(energy));
        if (toDim >= dim) expect(refit.lost).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

const clicks = tinyDataset('click');
const ratings = tinyDataset('rating');

async function collect(
  own: Partial<Settings>,
  sizes_?: SizeChanges,
  react: (event: TrainingEvent) => void = () => {},
  dataset = clicks,
) {
  const events: TrainingEvent[] = [];
  const backend = new RecordingBackend();
  const run = trainRun({
    settings: { ...tinySettings, ...own },
    dataset,
    backend,
    ...(sizes_ && { sizes: sizes_ }),
  });
  for await (const event of run) {
    events.push(event);
    react(event);
    expect(backend.liveExecutions).toBeLessThanOrEqual(1);
  }
  expect(backend.liveExecutions).toBe(0);
  const losses = events.flatMap((event) => (event.kind === 'progress' ? [...event.losses] : []));
  const last = events.at(-1)!;
  if (last.kind !== 'finished') throw new Error('the run did not finish');
  return { events, losses, result: last.result };
}

function validationsAt(events: readonly TrainingEvent[], step: number): number[] {
  return events.flatMap((event) =>
    event.kind === 'evaluation' && event.split === 'validation' && event.step === step
      ? [lossOf(event.metrics)]
      : [],
  );
}

describe('a run that changes its size', () => {
  test.each([
    ['clicks, AMSGrad', clicks, { optimizer: 'amsgrad' }],
    ['clicks, Adagrad', clicks, { optimizer: 'adagrad' }],
    ['clicks, two blocks a field', clicks, { blocks: 2 }],
    ['clicks, uniform', clicks, { method: 'uniform' }],
    ['ratings', ratings, { budget: 400 }],
  ] as const)('predicts after growing what it did before, and learns on: %s', async (_, dataset, own) => {
    const planned = plannedChanges([{ step: 20, budget: 1500 }]);
    const { events, losses, result } = await collect(own, planned, undefined, dataset);
    const [before, after] = validationsAt(events, 20);
    expect(Math.abs(after - before)).toBeLessThan(1e-6 * before);
    const resized = events.find((event) => event.kind === 'resized')!;
    expect(resized).toMatchObject({ step: 20, lostEnergy: 0, undone: false });
    expect(resized.allocation.parameters).toBeLessThanOrEqual(1500);
    expect(result.allocation).toEqual(resized.allocation);
    expect(result.settings.budget).toBe(1500);
    expect(result.stages).toHaveLength(1);
    expect(losses).toHaveLength(40);
    const meanOf = (part: readonly number[]) => part.reduce((a, b) => a + b, 0) / part.length;
    expect(meanOf(losses.slice(30))).toBeLessThan(meanOf(losses.slice(10, 20)));
  });

  test('keeps under every budget on its way, and vectors as long as they were', async () => {
    const planned = plannedChanges([
      { step: 10, budget: 150 },
      { step: 20, budget: 700 },
      { step: 30, budget: 100 },
    ]);
    const { events } = await collect({}, planned);
    const resized = events.filter((event) => event.kind === 'resized');
    expect(resized.map(({ step }) => step)).toEqual([10, 20, 30]);
    const dims = resized.map(({ allocation }) => allocation.baseDim);
    expect(dims).toEqual(dims.toSorted((a, b) => a - b));
    for (const { allocation, lostEnergy } of resized) {
      expect(allocation.parameters).toBeLessThanOrEqual(allocation.budget!);
      expect(lostEnergy).toBeGreaterThanOrEqual(0);
      expect(lostEnergy).toBeLessThan(1);
    }
  });

  test.each([['amsgrad'], ['adagrad'], ['sgd']] as const)(
    'takes it back bit for bit: %s',
    async (optimizer) => {
      const plain = await collect({ optimizer });
      const changes = new RequestedChanges();
      let requested = 0;
      const undone = await collect({ optimizer }, changes, (event) => {
        if (event.kind === 'evaluation' && event.step === 10 && requested++ === 0)
          changes.request({ kind: 'resize', budget: 150, alpha: 0.6 });
        if (event.kind === 'resized' && !event.undone) changes.request({ kind: 'undo' });
      });
      expect(undone.events.filter(({ kind }) => kind === 'resized')).toHaveLength(2);
      expect(undone.losses).toEqual(plain.losses);
      expect(undone.result.allocation).toEqual(plain.result.allocation);
      expect(undone.result.settings).toEqual(plain.result.settings);
    },
  );

  test.each([
    ['hashed rows', { method: 'hashing', budget: 500 }, { kind: 'resize', budget: 400 }, /rows of their own/],
    ['a budget below one float a row', {}, { kind: 'resize', budget: 20 }, /too small/],
    ['nothing to undo', {}, { kind: 'undo' }, /No resize/],
  ] as const)('goes on as it was where it cannot: %s', async (_, own, change, message) => {
    const plain = await collect(own);
    const changes = new RequestedChanges();
    const refused = await collect(own, changes, (event) => {
      if (event.kind === 'started') changes.request(change);
    });
    const refusals = refused.events.filter((event) => event.kind === 'resize-refused');
    expect(refusals).toHaveLength(1);
    expect(refusals[0].message).toMatch(message);
    expect(refused.losses).toEqual(plain.losses);
  });
});

test('dims within a budget and with vectors of a given length never cost more', () => {
  const cardinalities = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      cardinalities,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 24 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (rows, alpha, least, place) => {
        const fields = rows.map((cardinality, i) => ({ name: `f${i}`, cardinality }));
        const total = rows.reduce((a, b) => a + b, 0);
        const smallest = total + (least > 1 ? rows.length * least : 0);
        const budget = Math.ceil(smallest + place * 20 * total);
        const request = {
          method: 'mixed-dimension',
          alpha,
          budget,
          blocks: 1,
          popularity: 'rows',
          rounding: 'integer',
          maxDim: 64,
        } as const;
        const allocation = allocateWithin(fields, request, least);
        expect(allocation.parameters).toBeLessThanOrEqual(budget);
        expect(allocation.baseDim).toBeGreaterThanOrEqual(least);
        const stored = allocation.blocks.reduce(
          (sum, b) => sum + b.tableParameters + b.projectionParameters,
          0,
        );
        expect(allocation.parameters).toBe(stored);
      },
    ),
    { numRuns: 200 },
  );
});
