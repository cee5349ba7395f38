import type { Op } from '../../program/op.ts';
import { initialValues } from '../../program/initialize.ts';
import type { Program, Section, Step } from '../../program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../program/tensor.ts';
import { type Backend, BackendError, type DeviceData, type Execution } from '../backend.ts';
import { compileOp, type Kernel } from './kernels.ts';
import { Memory, type Precision } from './memory.ts';
import { SimdCompiler } from './simd/compiler.ts';
import { MAX_LINEAR_BYTES } from './simd/linearMemory.ts';
import { compileKernels } from './simd/module.ts';

export interface CpuBackendOptions {
  /** 'f64' runs the same program in double precision: for checking gradients. */
  readonly precision?: Precision;
  /** false: plain loops even where WebAssembly SIMD is present. Double precision is always plain. */
  readonly simd?: boolean;
  /** Most that WebAssembly may hold of one run, at most 4 GiB; tables that do not fit stay outside, in plain loops. */
  readonly memoryLimitBytes?: number;
}

/** Longest typed array that every engine allocates: 2 GiB. */
const MAX_TENSOR_BYTES = 2 ** 31;

/**
 * Where there is no GPU. The heavy ops run in WebAssembly SIMD where that is present; every op also
 * as plain loops, the reference that all kernels are tested against. Runs synchronously: `run`
 * returns when the work is done.
 */
export function createCpuBackend(options: CpuBackendOptions = {}): Backend {
  const { precision = 'f32', simd = true, memoryLimitBytes = MAX_LINEAR_BYTES } = options;
  const kernels = simd && precision === 'f32' ? compileKernels() : undefined;
  return {
    kind: 'cpu',
    adapter: kernels ? 'CPU, WebAssembly SIMD' : 'CPU, plain loops',
    maxTensorBytes: MAX_TENSOR_BYTES,
    lost: new Promise(() => {}),
    createData: (tensors) => new CpuData(tensors, precision),
    async prepare(program, data, seed) {
      const simd =
        kernels &&
        orOutOfMemory('the model', () => SimdCompiler.forProgram(program, kernels, memoryLimitBytes));
      return new CpuExecution(program, data, seed, precision, simd);
    },
    destroy() {},
  };
}

class CpuData implements DeviceData {
  readonly memory: Memory;

  constructor(tensors: readonly Tensor[], precision: Precision) {
    this.memory = new Memory(precision);
    for (const tensor of tensors) allocate(this.memory, tensor);
  }

  get sizeBytes(): number {
    return this.memory.bytesByRole().data;
  }

  write(name: string, offset: number, values: Uint32Array | Float32Array): void {
    this.memory.named(name).set(values, offset);
  }

  destroy(): void {}
}

class CpuExecution implements Execution {
  #memory: Memory;
  readonly #dataBytes: number;
  #sections: Readonly<Record<Section, readonly Kernel[]>>;
  readonly #parameters: readonly Tensor[];
  #checkpoint: (Float32Array | Float64Array | Uint32Array)[] = [];

  constructor(
    program: Program,
    data: DeviceData,
    seed: number,
    precision: Precision,
    simd: SimdCompiler | undefined,
  ) {
    if (!(data instanceof CpuData)) throw new TypeError('the data belongs to another backend');
    const memory = new Memory(precision, simd?.linear);
    memory.adopt(data.memory);
    for (const tensor of program.tensors) {
      if (tensor.role === 'data') continue;
      if (!tensor.base) allocate(memory, tensor);
      const values = initialValues(tensor, seed);
      if (values) memory.array(tensor).set(values);
    }
    this.#memory = memory;
    this.#dataBytes = data.sizeBytes;
    this.#parameters = program.tensors.filter((tensor) => tensor.role === 'parameter' && !tensor.base);
    const compile = (op: Op): Kernel => simd?.compile(op, memory) ?? compileOp(op, memory);
    this.#sections = {
      train: program.sections.train.map(compile),
      evaluate: program.sections.evaluate.map(compile),
    };
  }

  run(section: Section, steps: readonly Step[]): void {
    for (const step of steps) for (const kernel of this.#sections[section]) kernel(step);
  }

  finished(): Promise<void> {
    return Promise.resolve();
  }

  read(tensor: Tensor, offset = 0, length?: number): Promise<Float32Array | Uint32Array> {
    const array = this.#memory.array(tensor);
    const part = array.subarray(offset, length === undefined ? array.length : offset + length);
    return Promise.resolve(part instanceof Uint32Array ? part.slice() : Float32Array.from(part));
  }

  /** The array itself, in the backend's own precision. */
  peek(tensor: Tensor): Float32Array | Float64Array | Uint32Array {
    return this.#memory.array(tensor);
  }

  write(tensor: Tensor, values: Float32Array | Uint32Array, offset = 0): void {
    this.#memory.array(tensor).set(values, offset);
  }

  save(): void {
    this.#checkpoint = this.#parameters.map((tensor) => this.#memory.array(tensor).slice());
  }

  restore(): void {
    for (const [i, tensor] of this.#parameters.entries()) {
      const kept = this.#checkpoint[i];
      if (kept) this.#memory.named(storageOf(tensor).name).set(kept);
    }
  }

  get allocatedBytes(): Execution['allocatedBytes'] {
    const checkpoint = this.#checkpoint.reduce((sum, array) => sum + array.byteLength, 0);
    return { ...this.#memory.bytesByRole(), data: this.#dataBytes, checkpoint };
  }

  /** Lets go of the arrays, whoever still holds the execution. */
  destroy(): void {
    this.#checkpoint = [];
    this.#memory = new Memory('f32');
    this.#sections = { train: [], evaluate: [] };
  }
}

export type { CpuExecution };

function allocate(memory: Memory, tensor: Tensor): void {
  const mebibytes = Math.ceil((4 * elementCount(tensor)) / 2 ** 20);
  orOutOfMemory(`${tensor.name} (${mebibytes} MiB)`, () => memory.allocate(tensor));
}

function orOutOfMemory<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BackendError(
      'out-of-memory',
      `no memory for ${what}`,
      'Lower the memory budget or the batch, or load fewer rows.',
      cause,
    );
  }
}
