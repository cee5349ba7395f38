import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Backend, DeviceData, Execution } from '../../../src/backend/backend.ts';
import { layoutEmbedding } from '../../../src/model/layoutEmbedding.ts';
import { ownRows, type EmbeddingLayout, type FieldSlots } from '../../../src/program/lookup.ts';
import { ProgramBuilder } from '../../../src/program/builder.ts';
import { type BatchData, LONG_SEGMENT } from '../../../src/program/operand.ts';
import type { Op } from '../../../src/program/op.ts';
import type { Program, Section, Step } from '../../../src/program/program.ts';
import type { Tensor } from '../../../src/program/tensor.ts';
import { Random } from '../../../src/random/random.ts';
import { allocationOf } from '../../support/tinyModel.ts';

/** Slots of the test data; slot 0 is full, slot 1 is partial. */
const SLOTS = 2;

/** One op at one size, on random data and random tensors. */
export class OpBench {
  readonly builder = new ProgramBuilder();
  readonly data: BatchData;
  readonly layout: EmbeddingLayout;
  readonly batch: number;
  readonly cardinalities: readonly number[];
  readonly numericColumns = 3;

  constructor(batch: number, cardinalities: readonly number[], dims: readonly (readonly number[])[]) {
    this.batch = batch;
    this.cardinalities = cardinalities;
    const lookups = batch * cardinalities.length;
    const u32 = { type: 'u32' } as const;
    const ids = this.builder.tensor('ids', 'data', [SLOTS, batch, cardinalities.length], u32);
    this.data = {
      ids,
      lookups: ownRows(cardinalities),
      rows: ids,
      signatures: undefined,
      numbers: this.builder.tensor('numbers', 'data', [SLOTS, batch, this.numericColumns]),
      labels: this.builder.tensor('labels', 'data', [SLOTS, batch]),
      rowIndex: {
        occurrences: this.builder.tensor('occurrences', 'data', [SLOTS, lookups], u32),
        starts: this.builder.tensor('starts', 'data', [SLOTS, lookups + 1], u32),
        long: this.builder.tensor('long', 'data', [SLOTS, Math.floor(lookups / LONG_SEGMENT) + 1], u32),
      },
    };
    const allocation = allocationOf(cardinalities, dims);
    const { baseDim, blocks } = allocation;
    const toPlace = blocks.map(({ field: lookup, firstId, rows, dim }) => {
      return { lookup, firstId, rows, dim, projected: dim < baseDim };
    });
    this.layout = layoutEmbedding(this.builder, 'layout', cardinalities.length, baseDim, toPlace);
  }

  /** A layout of its own: fields 0 and 2 take three lookups each of a dim in common, field 1 none. */
  get combined() {
    const baseDim = 5;
    const lookups = 6;
    const toPlace = Array.from({ length: lookups }, (_, lookup) => ({
      lookup,
      firstId: 0,
      rows: 4,
      dim: baseDim,
      projected: false,
    }));
    const layout = layoutEmbedding(this.builder, 'combined', lookups, baseDim, toPlace);
    const parts: readonly FieldSlots[] = [
      { field: 0, lookup: 3, lookups: 3 },
      { field: 2, lookup: 0, lookups: 3 },
    ];
    return { layout, parts, width: layout.width, fields: 3, baseDim };
  }

  /** Every field by its own lookup. */
  get parts(): readonly FieldSlots[] {
    return this.cardinalities.map((_, field) => ({ field, lookup: field, lookups: 1 }));
  }

  get fields(): number {
    return this.cardinalities.length;
  }

  /** A tensor of standard normal numbers. */
  random(name: string, ...shape: number[]): Tensor {
    return this.builder.tensor(name, 'activation', shape, { initial: { kind: 'normal', deviation: 1 } });
  }

  /** A view of normal numbers that begins in the middle of a larger tensor. */
  randomView(name: string, offset: number, ...shape: number[]): Tensor {
    const elements = shape.reduce((a, b) => a * b, 1);
    const base = this.random(`${name}.base`, offset + elements + 5);
    return this.builder.view(name, base, offset, shape);
  }

  /** The same with zeros in between, and magnitudes that several elements share. */
  randomSparse(name: string, offset: number, elements: number): Tensor {
    const random = new Random(5, name);
    const values = Float32Array.from({ length: elements }, (_, i) => {
      const value = random.normal();
      return i % 3 === 0 ? 0 : i % 5 === 0 ? Math.sign(value) / 2 : value;
    });
    const base = this.random(`${name}.base`, offset + elements + 5);
    return this.builder.view(name, base, offset, [elements], { initial: { kind: 'values', values } });
  }

  zeros(name: string, ...shape: number[]): Tensor {
    return this.builder.tensor(name, 'gradient', shape);
  }

  program(...ops: readonly Op[]): Program {
    const { builder } = this;
    for (const op of ops) builder.op(op, 'train');
    const prediction = builder.tensor('unused.prediction', 'activation', [this.batch, 1]);
    return {
      batch: this.batch,
      tensors: builder.tensors,
      sections: builder.sections,
      data: this.data,
      losses: builder.tensor('unused.losses', 'metric', [4]),
      predictions: builder.tensor('unused.predictions', 'metric', [1, this.batch]),
      prediction,
    };
  }

  /** The same random examples on every backend; ids are skewed, so that some segments are long. */
  fill(data: DeviceData): Step[] {
    const random = new Random(11, 'op bench');
    const { batch, fields, cardinalities } = this;
    const steps: Step[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const count = slot === 0 ? batch : Math.max(1, Math.floor(batch * 0.7));
      const ids = new Uint32Array(batch * fields);
      for (let i = 0; i < ids.length; i++)
        ids[i] = Math.floor(cardinalities[i % fields] * random.uniform() ** 3);
      data.write('ids', slot * ids.length, ids);
      const numbers = Float32Array.from({ length: batch * this.numericColumns }, () => random.normal());
      data.write('numbers', slot * numbers.length, numbers);
      const labels = Float32Array.from({ length: batch }, () => random.below(2));
      data.write('labels', slot * batch, labels);
      const { segments, longSegments } = this.#writePlan(data, slot, count, ids);
      const step = slot + 1;
      const keep = batch * (3 - slot);
      const enough = slot === 0 ? 0 : 2 ** 31;
      const changes = { step, metricSlot: slot, keep, enough, measures: slot === 0 };
      steps.push({ slot, count, segments, longSegments, learningRate: 0.1, ...changes });
    }
    return steps;
  }

  #writePlan(data: DeviceData, slot: number, count: number, ids: Uint32Array) {
    const { fields, batch } = this;
    const order = Array.from({ length: count * fields }, (_, i) => i).sort(
      (a, b) => (a % fields) - (b % fields) || ids[a] - ids[b] || a - b,
    );
    const starts = order.flatMap((lookup, i) => {
      const before = order[i - 1];
      return i > 0 && before % fields === lookup % fields && ids[before] === ids[lookup] ? [] : [i];
    });
    const segments = starts.length;
    starts.push(order.length);
    const long = [...starts.keys()].filter((k) => k < segments && starts[k + 1] - starts[k] > LONG_SEGMENT);
    data.write('occurrences', slot * batch * fields, new Uint32Array(order));
    data.write('starts', slot * (batch * fields + 1), new Uint32Array(starts));
    data.write('long', slot * this.data.rowIndex.long.shape[1], new Uint32Array(long));
    return { segments, longSegments: long.length };
  }
}

export type Snapshot = ReadonlyMap<string, Float32Array | Uint32Array>;

/** Every tensor that the bench or the model made; the program's own metrics of an op bench are unused. */
export async function snapshot(program: Program, execution: Execution): Promise<Snapshot> {
  const tensors = program.tensors.filter(
    ({ base, role, name }) => !base && role !== 'data' && !name.startsWith('unused.'),
  );
  const values = await Promise.all(tensors.map((tensor) => execution.read(tensor)));
  return new Map(tensors.map((tensor, i) => [tensor.name, values[i]]));
}

/** The state after each step, from one seed. */
export async function runSteps(
  backend: Backend,
  bench: OpBench,
  program: Program,
  section: Section = 'train',
) {
  const data = backend.createData(program.tensors.filter(({ role }) => role === 'data'));
  const steps = bench.fill(data);
  const execution = await backend.prepare(program, data, 3);
  const states: Snapshot[] = [];
  for (const step of steps) {
    execution.run(section, [step]);
    states.push(await snapshot(program, execution));
  }
  execution.destroy();
  data.destroy();
  return states;
}

export function runOnCpu(bench: OpBench, program: Program) {
  return runSteps(createCpuBackend({ simd: false }), bench, program);
}

/**
 * Largest |a − b| / (|b| + rms(b)) over a tensor: relative where b is large, and relative to the
 * tensor's own size where b is near zero.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < expected.length; i++) squares += expected[i] ** 2;
  const scale = Math.sqrt(squares / Math.max(1, expected.length)) || 1;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]) / (Math.abs(expected[i]) + scale);
    if (!(error <= worst)) worst = error; // NaN counts as worst
  }
  return worst;
}

export function sameBits(a: Float32Array | Uint32Array, b: Float32Array | Uint32Array): boolean {
  const other = bits(b);
  return a.length === b.length && bits(a).every((word, i) => word === other[i]);
}

function bits(array: Float32Array | Uint32Array): Uint32Array {
  return new Uint32Array(array.buffer, array.byteOffset, array.length);
}
