import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebGpuBackend, type WebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import {
  gpuTuning,
  softwareQuadTuning,
  softwareTuning,
  type Tuning,
} from '../../../src/backend/webgpu/tuning.ts';
import type { Address } from '../../../src/program/lookup.ts';
import { type Optimizer, PRUNE_BINS } from '../../../src/program/operand.ts';
import type { OpKind } from '../../../src/program/op.ts';
import { adagrad, adam, amsgrad, sgd } from '../../support/tinyModel.ts';
import { gatherCodesCases, updateCodesCases } from './codeCases.ts';
import { thresholdCases } from './thresholdCases.ts';
import { gradientCases } from './gradientCases.ts';
import {
  measureCases,
  quantiseCases,
  packedInputCases,
  packedLinearCases,
  packedGatheredCases,
  packedWeightCases,
} from './quantisedCases.ts';
import { sketchCases } from './sketchCases.ts';
import { type MakeOp, vectorCases } from './vectorCases.ts';
import { OpBench, relativeError, runOnCpu, runSteps, sameBits } from './support.ts';

const combines = ['multiply', 'add'] as const;

/** Ops that other suites compare with the CPU: of a code, rounding may choose the other side. */
const elsewhere = {
  'update-codes': { suite: './codes.test.ts', cases: updateCodesCases },
} as const;

/** One case or more of an op. Every size below runs each of them. */

const cases: Readonly<Record<Exclude<OpKind, keyof typeof elsewhere>, readonly MakeOp[]>> = {
  'read-numbers': [(t) => ({ kind: 'read-numbers', data: t.data, out: t.zeros('out', t.batch, 3) })],
  linear: [
    ...([1, 5, 64, 67] as const).flatMap((width) =>
      (['relu', 'none'] as const).map((activation): MakeOp => (t) => ({
        kind: 'linear',
        x: t.random('x', t.batch, 37),
        weight: t.randomView('weight', 7, 37, width),
        bias: t.randomView('bias', 3, width),
        y: t.zeros('y', t.batch, width),
        activation,
      })),
    ),
    ...packedLinearCases,
  ],
  'linear-backward-input': [
    ...([1, 5, 64, 67] as const).flatMap((width) =>
      [true, false].map((masked): MakeOp => (t) => ({
        kind: 'linear-backward-input',
        dy: t.random('dy', t.batch, width),
        weight: t.randomView('weight', 7, 37, width),
        dx: t.zeros('dx', t.batch, 37),
        mask: masked ? t.random('mask', t.batch, 37) : undefined,
      })),
    ),
    ...packedInputCases,
  ],
  'linear-backward-weight': [
    ...([1, 5, 64, 67] as const).flatMap((width): MakeOp[] => [
      (t) => {
        const gradients = t.zeros('gradients', 100 * width);
        return {
          kind: 'linear-backward-weight',
          x: t.random('x', t.batch, 37),
          dy: t.random('dy', t.batch, width),
          dWeight: t.builder.view('dWeight', gradients, 3, [37, width]),
          dBias: t.builder.view('dBias', gradients, 3 + 37 * width, [width]),
        };
      },
      (t) => ({
        kind: 'linear-backward-weight',
        x: t.random('x', t.batch, 37),
        dy: t.random('dy', t.batch, width),
        dWeight: t.zeros('dWeight', 37, width),
        dBias: t.zeros('dBias', width),
      }),
    ]),
    ...packedWeightCases,
  ],
  'measure-deviations': measureCases,
  quantise: quantiseCases,
  locate: [
    (t) => {
      const hash = { kind: 'hash', seed: 9, rows: 13 } as const;
      const addresses: readonly Address[] = [
        { kind: 'digit', divisor: 3, rows: 2 },
        { kind: 'split', hot: 2, cold: 3 },
        { ...hash, part: 0, within: 0 },
        { ...hash, part: 1, within: 12, rows: 2 ** 31 - 1 },
        { kind: 'signature', seed: 3, firstRow: 5, dimension: 6, picks: [7, 0, 5], rows: 101 },
      ];
      const lookups = addresses.map((address, space) => ({ field: space % t.fields, address, space }));
      const rows = t.builder.tensor('rows', 'activation', [t.batch, lookups.length], { type: 'u32' });
      const values = Uint32Array.from({ length: 200 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 0);
      const initial = { kind: 'values', values } as const;
      const signatures = t.builder.tensor('signatures', 'parameter', [100, 2], { type: 'u32', initial });
      return { kind: 'locate', data: { ...t.data, lookups, rows, signatures } };
    },
  ],
  gather: [
    (t) => ({
      kind: 'gather',
      data: t.data,
      layout: t.layout,
      tables: t.random('tables', t.layout.tableElements),
      gathered: t.zeros('gathered', t.batch, t.layout.width),
    }),
  ],
  project: [
    (t) => ({
      kind: 'project',
      data: t.data,
      layout: t.layout,
      parts: t.parts,
      gathered: t.random('gathered', t.batch, t.layout.width),
      projections: t.randomView('projections', 9, t.layout.projectionElements),
      vectors: t.zeros('vectors', t.batch, t.fields, t.layout.baseDim),
    }),
  ],
  'project-backward-input': [
    (t) => ({
      kind: 'project-backward-input',
      data: t.data,
      layout: t.layout,
      parts: t.parts,
      dVectors: t.random('dVectors', t.batch, t.fields, t.layout.baseDim),
      projections: t.randomView('projections', 9, t.layout.projectionElements),
      dGathered: t.zeros('dGathered', t.batch, t.layout.width),
    }),
  ],
  'project-backward-weight': [
    (t) => ({
      kind: 'project-backward-weight',
      data: t.data,
      layout: t.layout,
      parts: t.parts,
      gathered: t.random('gathered', t.batch, t.layout.width),
      dVectors: t.random('dVectors', t.batch, t.fields, t.layout.baseDim),
      dProjections: t.randomView('dProjections', 9, t.layout.projectionElements),
    }),
    ...packedGatheredCases,
  ],
  combine: combines.map((combine) => (t) => {
    const { layout, parts, width, fields, baseDim } = t.combined;
    return {
      kind: 'combine',
      combine,
      layout,
      parts,
      gathered: t.random('gathered', t.batch, width),
      vectors: t.zeros('vectors', t.batch, fields, baseDim),
    };
  }),
  'combine-backward': combines.map((combine) => (t) => {
    const { layout, parts, width, fields, baseDim } = t.combined;
    return {
      kind: 'combine-backward',
      combine,
      layout,
      parts,
      gathered: t.random('gathered', t.batch, width),
      dVectors: t.random('dVectors', t.batch, fields, baseDim),
      dGathered: t.zeros('dGathered', t.batch, width),
    };
  }),
  ...sketchCases,
  ...vectorCases,
  ...gradientCases,
  interact: [true, false].map((hasBottom): MakeOp => (t) => {
    const vectorsCount = t.fields + (hasBottom ? 1 : 0);
    const D = t.layout.baseDim;
    const width = (hasBottom ? D : 0) + (vectorsCount * (vectorsCount - 1)) / 2;
    return {
      kind: 'interact',
      bottom: hasBottom ? t.random('bottom', t.batch, D) : undefined,
      vectors: t.random('vectors', t.batch, t.fields, D),
      out: t.zeros('out', t.batch, width),
    };
  }),
  'interact-backward': ['bottom', 'masked bottom', 'none'].map((variant): MakeOp => (t) => {
    const hasBottom = variant !== 'none';
    const vectorsCount = t.fields + (hasBottom ? 1 : 0);
    const D = t.layout.baseDim;
    const width = (hasBottom ? D : 0) + (vectorsCount * (vectorsCount - 1)) / 2;
    const bottom = hasBottom ? t.random('bottom', t.batch, D) : undefined;
    return {
      kind: 'interact-backward',
      bottom,
      vectors: t.random('vectors', t.batch, t.fields, D),
      dOut: t.random('dOut', t.batch, width),
      dBottom: hasBottom ? t.zeros('dBottom', t.batch, D) : undefined,
      dVectors: t.zeros('dVectors', t.batch, t.fields, D),
      mask: variant === 'masked bottom' ? bottom : undefined,
    };
  }),
  score: [
    (t) => ({
      kind: 'score',
      dots: t.random('dots', t.batch, 3),
      biases: t.random('biases', t.batch, t.fields),
      mean: 3.5,
      out: t.zeros('out', t.batch, 1),
    }),
  ],
  'score-backward': [
    (t) => ({
      kind: 'score-backward',
      dScore: t.random('dScore', t.batch, 1),
      dDots: t.zeros('dDots', t.batch, 3),
      dBiases: t.zeros('dBiases', t.batch, t.fields),
    }),
  ],
  rescale: [
    (t) => ({
      kind: 'rescale',
      x: t.random('x', t.batch, 1),
      factor: 12.5,
      offset: -3,
      out: t.zeros('out', t.batch, 1),
    }),
  ],
  loss: (['log-loss', 'squared-error'] as const).map((loss): MakeOp => (t) => ({
    kind: 'loss',
    loss,
    data: t.data,
    prediction: wide(t, 'prediction', t.batch, 1),
    dPrediction: t.random('dPrediction', t.batch, 1),
    exampleLoss: t.random('exampleLoss', t.batch),
  })),
  'pairwise-loss': [1, 4].map((negatives): MakeOp => (t) => ({
    kind: 'pairwise-loss',
    negatives,
    prediction: wide(t, 'prediction', t.batch, 1),
    dPrediction: t.random('dPrediction', t.batch, 1),
    exampleLoss: t.random('exampleLoss', t.batch),
  })),
  'l2-penalty': [
    (t) => ({
      kind: 'l2-penalty',
      vectors: t.random('vectors', t.batch, t.fields, t.layout.baseDim),
      dVectors: t.random('dVectors', t.batch, t.fields, t.layout.baseDim),
      weight: 0.06,
    }),
  ],
  'record-loss': [
    (t) => ({
      kind: 'record-loss',
      exampleLoss: t.random('exampleLoss', t.batch),
      losses: t.zeros('losses', 3),
    }),
  ],
  'record-predictions': [
    (t) => ({
      kind: 'record-predictions',
      prediction: t.randomView('prediction', 3, t.batch, 1),
      predictions: t.zeros('predictions', 3, t.batch),
    }),
  ],
  'dense-update': [sgd, adagrad, adam, amsgrad].map((optimizer): MakeOp => (t) => {
    const elements = t.batch * 5;
    return {
      kind: 'dense-update',
      optimizer,
      parameters: t.randomView('parameters', 3, elements),
      gradients: t.randomView('gradients', 2, elements),
      state: stateOf(optimizer, 'sum').map((name) => t.zeros(name, elements)),
    };
  }),
  'embedding-update': [sgd, adagrad, adam, amsgrad].flatMap((optimizer) =>
    [false, true].map((keepZeros): MakeOp => (t) => ({
      kind: 'embedding-update',
      optimizer,
      data: t.data,
      layout: t.layout,
      tables: t.randomSparse('tables', 6, t.layout.tableElements),
      dGathered: t.random('dGathered', t.batch, t.layout.width),
      state: stateOf(optimizer, 'sum').map((name) =>
        t.zeros(name, name === 'sum' ? t.layout.rows : t.layout.tableElements),
      ),
      keepZeros,
    })),
  ),
  ...thresholdCases,
  'gather-codes': gatherCodesCases,
  prune: [5, 200].map((valuesPerExample): MakeOp => (t) => ({
    kind: 'prune',
    values: t.randomSparse('values', 3, t.batch * valuesPerExample),
    histogram: t.builder.tensor('histogram', 'activation', [PRUNE_BINS], { type: 'u32' }),
    selection: t.builder.tensor('selection', 'activation', [2], { type: 'u32' }),
  })),
};

function stateOf(optimizer: Optimizer, sum: string): string[] {
  if (optimizer.kind === 'sgd') return [];
  if (optimizer.kind === 'adagrad') return [sum];
  return optimizer.amsgrad ? ['m', 'v', 'vMax'] : ['m', 'v'];
}

/** Logits from −60 to 60. */
function wide(t: OpBench, name: string, ...shape: number[]) {
  return t.builder.tensor(name, 'activation', shape, { initial: { kind: 'uniform', bound: 60 } });
}

const sizes: readonly { batch: number; cardinalities: number[]; dims: number[][] }[] = [
  { batch: 1, cardinalities: [4], dims: [[3, 2]] },
  { batch: 63, cardinalities: [3, 17, 70, 5], dims: [[5], [3, 2], [5, 2, 1], [4]] },
  { batch: 64, cardinalities: [40, 9, 6], dims: [[16, 8, 4, 2], [16], [1]] },
  { batch: 65, cardinalities: [2, 31, 11, 8, 5], dims: [[20], [33, 17], [1, 1], [7], [33, 2]] },
  // More vectors than a tile of pairs has.
  { batch: 10, cardinalities: Array(37).fill(3), dims: Array.from({ length: 37 }, (_, f) => [1 + (f % 21)]) },
  {
    batch: 300,
    cardinalities: [2, 50],
    dims: [
      [6, 70],
      [1, 3],
    ],
  },
];

/** Sums over a batch, whose terms nearly cancel, are allowed ten times more. */
const tolerances: Partial<Record<OpKind, number>> = {
  'linear-backward-weight': 1e-3,
  'project-backward-weight': 1e-3,
  'soft-threshold-backward': 1e-3,
  'record-loss': 1e-3,
};

/** The ops that a tuning changes; the GPU's is run on all. */
const matmuls: readonly (keyof typeof cases)[] = [
  'linear',
  'linear-backward-input',
  'linear-backward-weight',
];
const products: readonly (keyof typeof cases)[] = [
  ...matmuls,
  'project',
  'project-backward-input',
  'project-backward-weight',
  'interact',
  'interact-backward',
];
const tunings: readonly [string, Tuning, readonly (keyof typeof cases)[]][] = [
  ['tuned for a GPU', gpuTuning, Object.keys(cases) as (keyof typeof cases)[]],
  ['tuned for a software adapter', softwareQuadTuning, products],
  ['tuned for one without subgroups', softwareTuning, products],
  [
    'split into many parts',
    { ...gpuTuning, busyThreads: 2 ** 20, tileM: 64, tileN: 16, threads: 128 },
    [...matmuls, 'project-backward-weight'],
  ],
];

/** Software adapters take seconds to compile a tiled kernel. */
const TIMEOUT_MS = 240_000;

const suites = import.meta.glob<string>('./*.test.ts', { query: '?raw', import: 'default' });

describe('every op is compared', () => {
  test.each(Object.entries(cases))('%s at least once here', (_, { length }) => {
    expect(length).toBeGreaterThan(0);
  });

  test.each(Object.entries(elsewhere))('%s by a suite of its own', async (kind, { suite, cases }) => {
    const kinds = new Set(cases.map((makeOp) => makeOp(new OpBench(1, [4], [[4]])).kind));
    expect(kinds).toEqual(new Set([kind]));
    expect(await suites[suite]()).toMatch(/for \(const makeOp of updateCodesCases\)/);
  });
});

describe.each(tunings)('WebGPU against the CPU, %s', (_, tuning, kinds) => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await createWebGpuBackend(navigator.gpu, { tuning });
  });
  afterAll(() => backend?.destroy());

  test.each(kinds)(
    '%s gives the same numbers, twice the same bits',
    async (kind) => {
      for (const { batch, cardinalities, dims } of sizes) {
        for (const makeOp of cases[kind]) {
          const bench = new OpBench(batch, cardinalities, dims);
          const program = bench.program(makeOp(bench));
          const expected = await runOnCpu(bench, program);
          const actual = await runSteps(backend, bench, program);
          const again = await runSteps(backend, bench, program);
          expected.forEach((state, step) => {
            for (const [name, values] of state) {
              const where = `${name} of ${kind} at batch ${batch}, step ${step}`;
              const got = actual[step].get(name)!;
              expect(relativeError(got, values), where).toBeLessThan(tolerances[kind] ?? 1e-4);
              expect(sameBits(got, again[step].get(name)!), `${where}: same bits`).toBe(true);
            }
          });
        }
      }
    },
    TIMEOUT_MS,
  );
});
