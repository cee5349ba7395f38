import { describe, expect, it, test } from 'vitest';
import { createCpuBackend, type CpuExecution } from '../../../src/backend/cpu/backend.ts';
import { buildModel, type ModelSpec } from '../../../src/model/model.ts';
import { approximateActivations } from '../../../src/program/approximateActivations.ts';
import { FlatTensors, ProgramBuilder } from '../../../src/program/builder.ts';
import { tensorsOf } from '../../../src/program/dataflow.ts';
import { memoryLedger } from '../../../src/program/memory.ts';
import type { OpOf } from '../../../src/program/op.ts';
import type { Program } from '../../../src/program/program.ts';
import { streamGradients } from '../../../src/program/streamGradients.ts';
import { elementCount, storageOf, type Tensor } from '../../../src/program/tensor.ts';
import { Random } from '../../../src/random/random.ts';
import { readGradientSpectra } from '../../../src/training/loop/evaluator.ts';
import { decodedSpec } from '../../support/computedModel.ts';
import { adagrad, amsgrad, dataTensors, dlrmSpec, fillData } from '../../support/tinyModel.ts';

const B = 48;

/** One layer [in, out] whose x and dy are what the test writes into them, and SGD at rate 1 on it. */
function oneLayer(inputs: number, outputs: number): Program {
  const base = buildModel(dlrmSpec({ batch: B }));
  const builder = new ProgramBuilder();
  const flat = new FlatTensors();
  flat.add('weight', [inputs, outputs], 'layer', { kind: 'zeros' });
  flat.add('bias', [outputs], 'layer', { kind: 'zeros' });
  const values = flat.build(builder, 'dense', 'parameter');
  const gradients = flat.build(builder, 'dense.gradient', 'gradient', { suffix: '.gradient' });
  const x = builder.tensor('x', 'parameter', [B, inputs]);
  const dy = builder.tensor('dy', 'parameter', [B, outputs]);
  const part = (name: string): Tensor => gradients.parts.get(name)!;
  builder.op(
    { kind: 'linear-backward-weight', x, dy, dWeight: part('weight'), dBias: part('bias') },
    'train',
  );
  const update = { parameters: values.flat, gradients: gradients.flat, state: [] };
  builder.op({ kind: 'dense-update', optimizer: { kind: 'sgd' }, ...update }, 'train');
  const { losses, predictions, prediction } = base;
  const own = dataTensors(base).concat(losses, predictions, prediction);
  return { ...base, tensors: [...own, ...builder.tensors], sections: builder.sections };
}

interface Layer {
  readonly program: Program;
  readonly execution: CpuExecution;
  /** One step on a batch; `xs` and `ds` are its rows. */
  step(xs: Float64Array, ds: Float64Array): void;
  read(name: string): Float64Array;
}

async function prepare(program: Program): Promise<Layer> {
  const backend = createCpuBackend({ precision: 'f64' });
  const data = backend.createData(dataTensors(program));
  const execution = (await backend.prepare(program, data, 3)) as CpuExecution;
  const named = (name: string): Tensor => program.tensors.find((tensor) => tensor.name === name)!;
  const read = (name: string) => execution.peek(named(name)) as Float64Array;
  return {
    program,
    execution,
    read,
    step(xs, ds) {
      read('x').set(xs);
      read('dy').set(ds);
      const counts = { slot: 0, count: B, segments: 0, longSegments: 0, metricSlot: 0 };
      execution.run('train', [{ ...counts, learningRate: 1, step: 1, measures: true }]);
    },
  };
}

/** n orthonormal vectors of length `length`, row by row. */
function orthonormal(random: Random, n: number, length: number): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < n) {
    const v = Float64Array.from({ length }, () => random.normal());
    for (const q of vectors) {
      const d = dot(q, v);
      for (let i = 0; i < length; i++) v[i] -= d * q[i];
    }
    const norm = Math.sqrt(dot(v, v));
    vectors.push(v.map((value) => value / norm));
  }
  return vectors;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * A batch whose weight gradient is Σ_c s_c·u_c v_cᵀ in each of its two halves: example c of a half is
 * √(s_c/2)·u_c, with √(s_c/2)·v_c behind it.
 */
function batchOf(us: Float64Array[], vs: Float64Array[], spectrum: readonly number[], mixing: Random) {
  const half = B / 2;
  const [inputs, outputs] = [us[0].length, vs[0].length];
  const xs = new Float64Array(B * inputs);
  const ds = new Float64Array(B * outputs);
  for (let h = 0; h < 2; h++) {
    // Any rotation of the examples has the same gradient.
    const rotation = orthonormal(mixing, spectrum.length, half);
    for (let e = 0; e < half; e++) {
      spectrum.forEach((s, c) => {
        const weight = Math.sqrt(s / 2) * rotation[c][e];
        for (let i = 0; i < inputs; i++) xs[(h * half + e) * inputs + i] += weight * us[c][i];
        for (let j = 0; j < outputs; j++) ds[(h * half + e) * outputs + j] += weight * vs[c][j];
      });
    }
  }
  return { xs, ds };
}

/** Sine of the largest angle between span(basis) and span(true vectors): ‖(I − VVᵀ)b‖ at most, by Frobenius. */
function largestSine(basis: readonly Float64Array[], truth: readonly Float64Array[]): number {
  let left = 0;
  for (const b of basis) left += dot(b, b) - truth.reduce((sum, v) => sum + dot(v, b) ** 2, 0);
  return Math.sqrt(Math.max(0, left));
}

const columnsOf = (flat: Float64Array, k: number) =>
  Array.from({ length: k }, (_, c) => flat.filter((_value, i) => i % k === c));
const rowsOf = (flat: Float64Array, k: number) =>
  Array.from({ length: k }, (_, c) => flat.slice((c * flat.length) / k, ((c + 1) * flat.length) / k));

describe('the factors of a stream of gradients', () => {
  const [inputs, outputs] = [90, 40];
  const full = 24;

  it.each([
    [1, 40],
    [4, 40],
    [16, 40],
  ])('of rank %i span the top singular vectors after %i batches', async (k, batches) => {
    const random = new Random(7, `rank ${k}`);
    const us = orthonormal(random, full, inputs);
    const vs = orthonormal(random, full, outputs);
    // Singular values fall by half behind the k-th.
    const spectrum = Array.from({ length: full }, (_, c) =>
      c < k ? 2 ** (1 - c / k) : 0.5 * 0.9 ** (c - k),
    );
    const layer = await prepare(streamGradients(oneLayer(inputs, outputs), k));
    for (let t = 0; t < batches; t++) {
      const { xs, ds } = batchOf(us, vs, spectrum, random);
      layer.step(xs, ds);
    }
    const lefts = columnsOf(layer.read('weight.gradient.left'), k);
    const rights = rowsOf(layer.read('weight.gradient.right'), k);
    expect(largestSine(lefts, us.slice(0, k))).toBeLessThan(1e-3);
    expect(largestSine(rights, vs.slice(0, k))).toBeLessThan(1e-3);
    // Neighbours that are nearly equal are still mixed.
    const sigma = [...layer.read('weight.gradient.sigma')].map(Math.abs).sort((a, b) => b - a);
    sigma.forEach((s, c) => expect(Math.abs(s / spectrum[c] - 1)).toBeLessThan(k === 16 ? 0.1 : 0.01));
  });

  test('keep the share of the gradient’s energy that its largest singular values have', async () => {
    const random = new Random(11, 'energy');
    const k = 3;
    const us = orthonormal(random, 8, inputs);
    const vs = orthonormal(random, 8, outputs);
    const spectrum = [3, 2.5, 2, 0.9, 0.8, 0.7, 0.5, 0.3];
    const { program, execution, step } = await prepare(streamGradients(oneLayer(inputs, outputs), k));
    const spectraAfter = async (batches: number) => {
      for (let t = 0; t < batches; t++) {
        const { xs, ds } = batchOf(us, vs, spectrum, random);
        step(xs, ds);
      }
      return readGradientSpectra({ program, execution });
    };
    const [first] = await spectraAfter(1);
    const [settled] = await spectraAfter(60);
    const squares = spectrum.map((s) => s * s);
    const energy = (values: readonly number[]): number => values.reduce((sum, value) => sum + value);
    const share = energy(squares.slice(0, k)) / energy(squares);
    expect(settled.kept).toBeCloseTo(share, 5);
    expect(settled.followed).toBeCloseTo(share, 5);
    expect(first.kept).toBeLessThan(share - 0.01);
    expect(first.followed).toBeLessThan(first.kept);
    expect(settled.layer).toBe('layer');
    settled.sigma.forEach((s, c) => expect(s).toBeCloseTo(spectrum[c], 3));
    // ‖G‖², whatever the factors are; and what a step leaves that does not measure.
    const [{ energies }] = program.spectra!;
    const whole = (await execution.read(energies)).filter((_value, i) => i % 3 === 0);
    expect(energy([...whole])).toBeCloseTo(energy(squares), 4);
    execution.write(energies, new Float32Array(3 * inputs).fill(7));
    const still = {
      slot: 0,
      count: B,
      segments: 0,
      longSegments: 0,
      metricSlot: 0,
      learningRate: 1,
      step: 1,
    };
    execution.run('train', [still]);
    expect((await execution.read(energies)).every((value) => value === 7)).toBe(true);
  });

  test('make the exact gradient of a stream that has their rank', async () => {
    const random = new Random(9, 'exact');
    const k = 5;
    const us = orthonormal(random, k, inputs);
    const vs = orthonormal(random, k, outputs);
    const spectrum = [3, 2, 1.5, 1, 0.5];
    const streamed = await prepare(streamGradients(oneLayer(inputs, outputs), 8));
    const exact = await prepare(oneLayer(inputs, outputs));
    let moves: Float64Array[] = [];
    for (let t = 0; t < 80; t++) {
      const { xs, ds } = batchOf(us, vs, spectrum, random);
      moves = [streamed, exact].map((layer) => {
        layer.read('dense').fill(0);
        layer.step(xs, ds);
        return layer.read('dense').slice();
      });
    }
    const [approximate, true_] = moves;
    const difference = approximate.map((value, i) => value - true_[i]);
    expect(Math.sqrt(dot(difference, difference) / dot(true_, true_))).toBeLessThan(1e-6);
  });

  test('biases have their exact gradient, in every batch', async () => {
    const random = new Random(3, 'bias');
    const streamed = await prepare(streamGradients(oneLayer(inputs, outputs), 2));
    const exact = await prepare(oneLayer(inputs, outputs));
    for (let t = 0; t < 3; t++) {
      const xs = Float64Array.from({ length: B * inputs }, () => random.normal());
      const ds = Float64Array.from({ length: B * outputs }, () => random.normal());
      for (const layer of [streamed, exact]) layer.step(xs, ds);
    }
    const bias = exact.read('bias');
    streamed.read('bias').forEach((value, j) => expect(value).toBeCloseTo(bias[j], 10));
  });

  it.each([
    ['nothing', 0],
    ['one direction', 1],
    ['two directions', 2],
  ])('stay finite and orthonormal on batches of %s', async (_, rank) => {
    const k = 6;
    const random = new Random(5, 'deficient');
    const layer = await prepare(streamGradients(oneLayer(inputs, outputs), k));
    const us = orthonormal(random, 2, inputs);
    const vs = orthonormal(random, 2, outputs);
    const spectrum = [1, 0.3].slice(0, rank);
    for (let t = 0; t < 60; t++) {
      const { xs, ds } = batchOf(us, vs, t % 3 === 2 ? [] : spectrum, random);
      layer.step(xs, ds);
    }
    const bases = [
      columnsOf(layer.read('weight.gradient.left'), k),
      rowsOf(layer.read('weight.gradient.right'), k),
    ];
    for (const basis of bases) {
      basis.forEach((a, c) => basis.forEach((b, d) => expect(dot(a, b)).toBeCloseTo(c === d ? 1 : 0, 9)));
    }
    const sigma = [...layer.read('weight.gradient.sigma')];
    expect(sigma.every(Number.isFinite)).toBe(true);
    expect(layer.read('dense').every(Number.isFinite)).toBe(true);
    expect(sigma.filter((s) => Math.abs(s) > 1e-9).length).toBeLessThanOrEqual(Math.max(rank, 0));
  });
});

describe('a program of streamed gradients', () => {
  const spec = dlrmSpec({ bottomMlp: [20, 12], topMlp: [30, 14], optimizer: amsgrad });
  const exact = buildModel(spec);
  const rank = 2;
  const program = streamGradients(exact, rank);
  /** Of a weight: of its gradient or its factors. */
  const gradientElements = (name: string): number =>
    program.tensors
      .filter(
        (tensor) => tensor.name === name || /^\.(left|right|sigma)$/.test(tensor.name.replace(name, '')),
      )
      .reduce((sum, tensor) => sum + elementCount(tensor), 0);

  test('has no tensor for the gradient of a weight whose factors are smaller', () => {
    const weights = exact.sections.train.flatMap((op) =>
      op.kind === 'linear-backward-weight' ? [op.dWeight] : [],
    );
    const gone = weights.filter(({ name }) => !program.tensors.some((tensor) => tensor.name === name));
    expect(gone.length).toBeGreaterThan(3);
    for (const weight of weights) {
      const [inputs, outputs] = weight.shape;
      const factored = rank * (inputs + outputs + 1) < inputs * outputs;
      expect(gone.includes(weight)).toBe(factored);
      const own = factored ? rank * (inputs + outputs + 1) : inputs * outputs;
      expect(gradientElements(weight.name)).toBe(own);
    }
  });

  test('has less gradient in the ledger, and as much optimiser state', () => {
    const bytes = (of: Program, role: string): number =>
      memoryLedger(of)
        .lines.filter((line) => line.role === role)
        .reduce((sum, line) => sum + line.sizeBytes, 0);
    expect(bytes(program, 'optimizer-state')).toBe(bytes(exact, 'optimizer-state'));
    const factors = program.tensors.find(({ name }) => name === 'dense.factors')!;
    const flat = (of: Program) => elementCount(of.tensors.find(({ name }) => name === 'dense.gradient')!);
    expect(flat(program) + elementCount(factors)).toBeLessThan(0.7 * flat(exact));
  });

  test('updates every dense parameter once', () => {
    const update = program.sections.train.find(
      ({ kind }) => kind === 'factored-update',
    ) as OpOf<'factored-update'>;
    let next = 0;
    for (const { first, rows, columns } of update.pieces) {
      expect(first).toBe(next);
      next += rows * columns;
    }
    expect(next).toBe(elementCount(update.parameters));
  });

  test('reads codes where activations are kept as codes: no layer’s floats outlive the next layer', () => {
    const packed = approximateActivations(exact, { bits: 4 });
    const both = streamGradients(packed, rank);
    expect(both.spectra).toEqual(program.spectra);
    const { train } = both.sections;
    const floats = train.flatMap((op) => (op.kind === 'quantise' ? [op.values] : []));
    expect(floats.length).toBeGreaterThan(3);
    const backward = train.slice(train.findIndex(({ kind }) => kind === 'loss'));
    for (const op of backward)
      for (const named of tensorsOf(op)) expect(floats).not.toContain(storageOf(named));
  });

  test('is the exact one where no layer gains', () => {
    const small = buildModel(dlrmSpec({ bottomMlp: [2], topMlp: [2] }));
    expect(streamGradients(small, 64)).toBe(small);
  });

  it.each([
    ['DLRM', dlrmSpec({ bottomMlp: [20], topMlp: [30, 14], optimizer: adagrad, batch: 64 })],
    ['decoded hashes', decodedSpec({ topMlp: [20], optimizer: amsgrad, batch: 64 })],
    ['codes of 4 bits', dlrmSpec({ bottomMlp: [21, 7], topMlp: [30], optimizer: adagrad, batch: 67 }), 4],
    ['codes of 8 bits', dlrmSpec({ bottomMlp: [21, 7], topMlp: [30], optimizer: adagrad, batch: 67 }), 8],
  ] as [string, ModelSpec, (4 | 8)?][])('learns, in plain loops and SIMD alike: %s', async (_, own, bits) => {
    const losses = await Promise.all(
      [false, true].map(async (simd) => {
        const kept = buildModel(own);
        const model = streamGradients(bits ? approximateActivations(kept, { bits }) : kept, 2);
        expect(model.spectra!.length).toBeGreaterThan(0);
        const backend = createCpuBackend({ simd });
        const data = backend.createData(dataTensors(model));
        const slots = fillData(model, data, own);
        const execution = await backend.prepare(model, data, 5);
        const steps = Array.from({ length: 60 }, (_step, i) => ({
          ...slots[i % slots.length],
          learningRate: 0.02,
          step: i + 1,
          metricSlot: i,
        }));
        execution.run('train', steps);
        return (await execution.read(model.losses, 0, 60)) as Float32Array;
      }),
    );
    const [plain, simd] = losses;
    expect(plain[59]).toBeLessThan(0.9 * plain[0]);
    plain.forEach((loss, i) => expect(Math.abs(simd[i] - loss)).toBeLessThan(1e-3 * loss));
  });
});
