import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebGpuBackend, type WebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import {
  gpuTuning,
  softwareQuadTuning,
  softwareTuning,
  tileChoices,
  type Tuning,
} from '../../../src/backend/webgpu/tuning.ts';
import type { Op } from '../../../src/program/op.ts';
import { OpBench, runSteps, sameBits } from './support.ts';

/** The ways of multiplying that a device may get, with sums over the batch cut the same. */
const ways: readonly Partial<Tuning>[] = [
  ...tileChoices.map((tiles) => Object.assign({}, gpuTuning, tiles)),
  { ...gpuTuning, matmul: softwareTuning.matmul },
  { ...gpuTuning, matmul: softwareQuadTuning.matmul, matmulThreads: softwareQuadTuning.matmulThreads },
];

/** [B, in, out]: odd, below, at and above the sides of blocks and tiles. */
const shapes: readonly (readonly [number, number, number])[] = [
  [1, 5, 3],
  [63, 13, 17],
  [64, 16, 64],
  [65, 33, 31],
  [70, 130, 5],
];

/** Pairs of 38 vectors, and projections of parts of one block and of two. */
function productOps(t: OpBench): readonly Op[] {
  const { batch, data, fields, layout, parts } = t;
  const D = layout.baseDim;
  const width = D + (fields * (fields + 1)) / 2;
  const bottom = t.random('bottom', batch, D);
  const vectors = t.random('vectors', batch, fields, D);
  const gathered = t.random('gathered', batch, layout.width);
  const projections = t.randomView('projections', 3, layout.projectionElements);
  const [dBottom, dVectors] = [t.zeros('dBottom', batch, D), t.zeros('dVectors', batch, fields, D)];
  const dGathered = t.zeros('dGathered', batch, layout.width);
  const dProjections = t.zeros('dProjections', layout.projectionElements);
  const dOut = t.random('dOut', batch, width);
  return [
    { kind: 'project', data, layout, parts, gathered, projections, vectors },
    { kind: 'interact', bottom, vectors, out: t.zeros('out', batch, width) },
    { kind: 'interact-backward', bottom, vectors, dOut, dBottom, dVectors, mask: bottom },
    { kind: 'project-backward-input', data, layout, parts, dVectors, projections, dGathered },
    { kind: 'project-backward-weight', data, layout, parts, gathered, dVectors, dProjections },
  ];
}

function ops(t: OpBench, columns: number, out: number): readonly Op[] {
  const x = t.random('x', t.batch, columns);
  const dy = t.random('dy', t.batch, out);
  const weight = t.randomView('weight', 3, columns, out);
  const bias = t.random('bias', out);
  return [
    { kind: 'linear', x, weight, bias, y: t.zeros('y', t.batch, out), activation: 'none' },
    { kind: 'linear-backward-input', dy, weight, dx: t.zeros('dx', t.batch, columns), mask: x },
    {
      kind: 'linear-backward-weight',
      x,
      dy,
      dWeight: t.zeros('dWeight', columns, out),
      dBias: t.zeros('dBias', out),
    },
  ];
}

describe('the choice of tiles', () => {
  test('is made by timing, once, and leaves nothing behind', async () => {
    const backend = await createWebGpuBackend(navigator.gpu, { tuning: gpuTuning });
    const trials = { shapes: [[16, 32, 16]], patienceMs: Infinity } as const;
    const tiles = await backend.tune(trials);
    expect(tileChoices).toContainEqual(tiles);
    expect(backend.liveBuffers.count).toBe(0);
    const pipelines = backend.pipelineCount;
    expect(pipelines).toBe(tileChoices.length);
    expect(await backend.tune(trials)).toBe(tiles);
    expect(backend.pipelineCount).toBe(pipelines);
    backend.destroy();
  });
});

let backends: WebGpuBackend[];
beforeAll(async () => {
  backends = await Promise.all(ways.map((tuning) => createWebGpuBackend(navigator.gpu, { tuning })));
});
afterAll(() => backends?.forEach((backend) => backend.destroy()));

test.each(shapes)(
  '%i×%i by %i: every way of multiplying gives the same bits',
  async (batch, columns, out) => {
    const states = [];
    for (const backend of backends) {
      const bench = new OpBench(batch, [4], [[2]]);
      const [state] = await runSteps(backend, bench, bench.program(...ops(bench, columns, out)));
      states.push(state);
    }
    for (const name of ['y', 'dx', 'dWeight', 'dBias']) {
      const [first, ...others] = states.map((state) => state.get(name)!);
      expect(
        first.some((value) => value !== 0),
        name,
      ).toBe(true);
      others.forEach((other, i) => expect(sameBits(other, first), `${name}, way ${i + 1}`).toBe(true));
    }
  },
);

test.each([
  [1, 22],
  [65, 19],
  [65, 22],
  [65, 37],
])(
  '%i examples, base dim %i: every way of multiplying pairs and projections gives the same bits',
  async (batch, baseDim) => {
    const dims = Array.from({ length: 37 }, (_, i) => (i % 5 === 0 ? [19, 7] : [1 + (i % baseDim)]));
    const states = [];
    for (const backend of backends) {
      const bench = new OpBench(batch, Array<number>(dims.length).fill(6), dims);
      expect(bench.layout.baseDim).toBe(baseDim);
      const [state] = await runSteps(backend, bench, bench.program(...productOps(bench)));
      states.push(state);
    }
    for (const name of ['vectors', 'out', 'dBottom', 'dVectors', 'dGathered', 'dProjections']) {
      const [first, ...others] = states.map((state) => state.get(name)!);
      expect(
        first.some((value) => value !== 0),
        name,
      ).toBe(true);
      others.forEach((other, i) => expect(sameBits(other, first), `${name}, way ${i + 1}`).toBe(true));
    }
  },
);
