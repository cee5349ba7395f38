import type { KernelTime } from '../backend/webgpu/execution.ts';
import { allocate } from '../compression/allocate.ts';
import type { Allocation } from '../compression/allocation.ts';
import { buildModel, type ModelSpec } from '../model/model.ts';
import { approximateActivations } from '../program/approximateActivations.ts';
import { initialValues } from '../program/initialize.ts';
import type { Optimizer } from '../program/operand.ts';
import type { Program } from '../program/program.ts';
import { streamGradients } from '../program/streamGradients.ts';
import { Random } from '../random/random.ts';
import type { BenchmarkCase } from './cases.ts';

/** Batches that training goes round; all of them are on the device before the first step. */
export const BATCHES = 20;
const SEED = 1;

const optimizers = {
  sgd: { kind: 'sgd' },
  adagrad: { kind: 'adagrad', epsilon: 1e-8 },
} as const satisfies Record<BenchmarkCase['optimizer'], Optimizer>;

interface Batch {
  readonly ids: Uint32Array; // [B, F]
  readonly numbers: Float32Array; // [B, numeric columns]
  readonly labels: Float32Array; // [B]
}

/** A case made concrete: what every contender starts from. */
export interface Workload {
  readonly benchmark: BenchmarkCase;
  readonly spec: ModelSpec;
  readonly program: Program;
  readonly seed: number;
  readonly batches: readonly Batch[];
}

export function createWorkload(benchmark: BenchmarkCase): Workload {
  const { model, cardinalities, numericColumns, bottomMlp, topMlp, batch } = benchmark;
  const spec: ModelSpec = {
    model,
    cardinalities,
    numericColumns,
    labelMean: model === 'mf' ? 3 : 0.5,
    allocation: allocationOf(benchmark),
    bottomMlp,
    topMlp,
    tableInit: 'dlrm',
    optimizer: optimizers[benchmark.optimizer],
    l2: 0,
    batch,
    trainSlots: BATCHES,
    dataSlots: BATCHES,
    evaluationSlots: 1,
  };
  const batches = Array.from({ length: BATCHES }, (_, index) => createBatch(benchmark, index));
  return { benchmark, spec, program: programOf(benchmark, spec), seed: SEED, batches };
}

function programOf({ activationBits, gradientRank }: BenchmarkCase, spec: ModelSpec): Program {
  const exact = buildModel(spec);
  const program = activationBits === 32 ? exact : approximateActivations(exact, { bits: activationBits });
  return gradientRank === 0 ? program : streamGradients(program, gradientRank);
}

/** A parameter before the first step, by its tensor's name. */
export function initialParameter(
  { program, seed }: Workload,
  name: string,
): { readonly values: Float32Array; readonly shape: number[] } {
  const tensor = program.tensors.find((each) => each.name === name);
  const values = tensor && initialValues(tensor, seed);
  if (!(values instanceof Float32Array)) throw new Error(`${name} is no parameter with a random start`);
  return { values, shape: [...tensor!.shape] };
}

/** The dim of all tables of a DLRM; null: they differ, or it is another model. */
export function tablesOfOneDim(benchmark: BenchmarkCase): number | null {
  const { baseDim, blocks } = allocationOf(benchmark);
  return benchmark.model === 'dlrm' && blocks.every(({ dim }) => dim === baseDim) ? baseDim : null;
}

function createBatch(benchmark: BenchmarkCase, index: number): Batch {
  const { batch, cardinalities, numericColumns, distinctIds, model } = benchmark;
  const random = new Random(SEED, `benchmark batch ${index}`);
  const fields = cardinalities.length;
  const ids = new Uint32Array(batch * fields);
  for (let i = 0; i < ids.length; i++) {
    const rows = cardinalities[i % fields];
    const drawn = Math.min(distinctIds ?? rows, rows);
    ids[i] = Math.floor((random.below(drawn) * rows) / drawn);
  }
  const numbers = Float32Array.from({ length: batch * numericColumns }, () => random.normal());
  const labels = Float32Array.from({ length: batch }, () =>
    model === 'mf' ? 1 + random.below(5) : random.below(2),
  );
  return { ids, numbers, labels };
}

function allocationOf({ cardinalities, dims }: BenchmarkCase): Allocation {
  const fields = cardinalities.map((cardinality, field) => ({ name: `C${field + 1}`, cardinality }));
  return allocate(fields, { ...dims, blocks: 1, popularity: 'rows', rounding: 'integer', maxDim: 1024 });
}

/**
 * One library on one device, training one workload. Step n (from 0) uses batch n mod BATCHES;
 * steps are asked for in order, each once.
 */
export interface Contender {
  /** What exactly is running, for people: 'tfjs 4.22.0', 'CPU, WebAssembly SIMD', … */
  readonly version: string;
  /** What it has allocated for the case, where it can say. */
  readonly allocatedBytes?: number;
  /** Trains `count` steps and returns the loss of the last, read back once after all of them. */
  train(count: number): Promise<number>;
  /** Trains one more step with GPU time taken around every kernel; null where that cannot be had. */
  profile?(): Promise<readonly KernelTime[] | null>;
  destroy(): void;
}
