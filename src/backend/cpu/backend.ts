import { atOnce, copying, type Pace } from '../../pieces/pieces.ts';
import { lifetimesOf } from '../../program/dataflow.ts';
import { initialising } from '../../program/initialize.ts';
import { assignMemory, ownRegions } from '../../program/memory.ts';
import type { Op } from '../../program/op.ts';
import { type Addition, betweenSteps, type Program, type Section, type Step } from '../../program/program.ts';
import { elementCount, type Tensor } from '../../program/tensor.ts';
import type { Attachment, Backend, DeviceData, Execution } from '../backend.ts';
import { compileOp } from './kernels.ts';
import { allocate, type BoundOp, Memory, orOutOfMemory, type Precision, regionBytes } from './memory.ts';
import { linearLayoutOf, SimdCompiler } from './simd/compiler.ts';
import { compileKernels, MAX_LINEAR_BYTES } from './simd/linearMemory.ts';

export interface CpuBackendOptions {
  /** 'f64' runs the same program in double precision: for checking gradients. */
  readonly precision?: Precision;
  /** false: plain loops even where WebAssembly SIMD is present. Double precision is always plain. */
  readonly simd?: boolean;
  /** Most that WebAssembly may hold of one run, at most 4 GiB; tables that do not fit stay outside, in plain loops. */
  readonly memoryLimitBytes?: number;
  /** false: every activation and gradient keeps its contents to the end of its section, and can be read. */
  readonly shareMemory?: boolean;
  /** Overwrites activations and gradients with NaN after their last reader, so that a late read shows. */
  readonly poison?: boolean;
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
  const { shareMemory = true, poison = false } = options;
  const kernels = simd && precision === 'f32' ? compileKernels() : undefined;
  return {
    kind: 'cpu',
    adapter: kernels ? 'CPU, WebAssembly SIMD' : 'CPU, plain loops',
    maxTensorBytes: MAX_TENSOR_BYTES,
    lost: new Promise(() => {}),
    createData: (tensors) => new CpuData(tensors, precision),
    async prepare(program, data, seed, pace = atOnce) {
      if (!(data instanceof CpuData)) throw new TypeError('the data belongs to another backend');
      const regions = assignMemory(program, { share: shareMemory });
      const simd =
        kernels &&
        orOutOfMemory('the model', () =>
          SimdCompiler.forProgram(program, regions, kernels, memoryLimitBytes),
        );
      const memory = new Memory(precision, simd?.linear);
      memory.adopt(data.memory);
      for (const region of regions) if (region.tensors[0].role !== 'data') allocate(memory, region);
      for (const tensor of program.tensors)
        if (tensor.role !== 'data')
          await pace.work(
            initialising(tensor, seed, (values, offset) => memory.array(tensor).set(values, offset)),
          );
      return new CpuExecution(program, memory, data.sizeBytes, { simd, poison });
    },
    footprint(program) {
      const regions = assignMemory(program, { share: shareMemory });
      const bytes = regionBytes(regions, precision);
      const scratch = (kernels && linearLayoutOf(program, regions, memoryLimitBytes)?.overheadBytes) ?? 0;
      return { ...bytes, scratch, checkpoint: bytes.parameter };
    },
    destroy() {},
  };
}

class CpuData implements DeviceData {
  readonly memory: Memory;

  constructor(tensors: readonly Tensor[], precision: Precision) {
    this.memory = new Memory(precision);
    for (const tensor of tensors)
      allocate(this.memory, { name: tensor.name, elements: elementCount(tensor), tensors: [tensor] });
  }

  get sizeBytes(): number {
    return this.memory.bytes.data;
  }

  write(name: string, offset: number, values: Uint32Array | Float32Array): void {
    this.memory.named(name).set(values, offset);
  }

  destroy(): void {}
}

class CpuExecution implements Execution {
  #memory: Memory;
  readonly #bytes: Memory['bytes'];
  readonly #dataBytes: number;
  #sections: Readonly<Record<Section, readonly BoundOp[]>>;
  readonly #parameters: readonly Tensor[];
  #checkpoint: readonly Elements[] = [];

  constructor(
    program: Program,
    memory: Memory,
    dataBytes: number,
    { simd, poison }: { readonly simd: SimdCompiler | undefined; readonly poison: boolean },
  ) {
    this.#memory = memory;
    this.#bytes = memory.bytes;
    this.#dataBytes = dataBytes;
    this.#parameters = program.tensors.filter((tensor) => tensor.role === 'parameter' && !tensor.base);
    const compile = (op: Op): BoundOp => simd?.compile(op, memory) ?? compileOp(op, memory);
    const killed = poison ? killersOf(program, memory) : undefined;
    const line = (section: Section): readonly BoundOp[] =>
      program.sections[section].flatMap((op, i) => [compile(op), ...(killed?.(section, i) ?? [])]);
    this.#sections = { train: line('train'), evaluate: line('evaluate'), prune: line('prune') };
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
    return Promise.resolve(asFloats(part));
  }

  /** The array itself, in the backend's own precision. */
  peek(tensor: Tensor): Elements {
    return this.#memory.array(tensor);
  }

  write(tensor: Tensor, values: Float32Array | Uint32Array, offset = 0): void {
    this.#memory.array(tensor).set(values, offset);
  }

  async save(pace: Pace = atOnce): Promise<void> {
    if (this.#checkpoint.length === 0)
      this.#checkpoint = this.#parameters.map((tensor) =>
        orOutOfMemory('the checkpoint', () => emptyLike(this.#memory.array(tensor))),
      );
    for (const [i, tensor] of this.#parameters.entries())
      await pace.work(copying(this.#memory.array(tensor), this.#checkpoint[i]));
  }

  async restore(pace: Pace = atOnce): Promise<void> {
    for (const [i, copy] of this.#checkpoint.entries())
      await pace.work(copying(copy, this.#memory.named(this.#parameters[i].name)));
  }

  async readSaved(tensor: Tensor, offset = 0, length?: number): Promise<Float32Array | Uint32Array> {
    const copy = this.#checkpoint[this.#parameters.indexOf(tensor)];
    return asFloats(copy.subarray(offset, length === undefined ? copy.length : offset + length));
  }

  async attach(addition: Addition): Promise<Attachment> {
    return new CpuAttachment(this.#memory, addition);
  }

  get allocatedBytes(): Execution['allocatedBytes'] {
    const checkpoint = this.#checkpoint.reduce((sum, array) => sum + array.byteLength, 0);
    return { ...this.#bytes, data: this.#dataBytes, checkpoint };
  }

  /** Drops the arrays, even while somebody holds the execution. */
  destroy(): void {
    this.#checkpoint = [];
    this.#memory = new Memory('f32');
    this.#sections = { train: [], evaluate: [], prune: [] };
  }
}

export type { CpuExecution };

type Elements = Float32Array | Float64Array | Uint32Array;

/** A copy, of floats in single precision. */
const asFloats = (values: Elements): Float32Array | Uint32Array =>
  values instanceof Float64Array ? Float32Array.from(values) : values.slice();

function emptyLike(values: Elements): Elements {
  if (values instanceof Uint32Array) return new Uint32Array(values.length);
  return values instanceof Float64Array ? new Float64Array(values.length) : new Float32Array(values.length);
}

/** For every op, what overwrites with NaN the tensors that no later op reads. */
function killersOf(program: Program, memory: Memory) {
  const lifetimes = [...lifetimesOf(program)];
  return (section: Section, index: number): readonly BoundOp[] =>
    lifetimes
      .filter(([, lifetime]) => lifetime[section]?.last === index)
      .map(([tensor]) => {
        const contents = memory.array(tensor);
        return () => void contents.fill(Number.NaN);
      });
}

/** Runs in plain loops, also beside a program that runs in WebAssembly. */
export class CpuAttachment implements Attachment {
  #memory: Memory;
  #kernels: readonly BoundOp[];

  constructor(parent: Memory, { tensors, ops }: Addition) {
    this.#memory = parent.beside();
    for (const region of ownRegions(tensors)) allocate(this.#memory, region);
    this.#kernels = ops.map((op) => compileOp(op, this.#memory));
  }

  run(): void {
    for (const kernel of this.#kernels) kernel(betweenSteps);
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    return Float32Array.from(this.#memory.floats(tensor));
  }

  write(tensor: Tensor, values: Float32Array): void {
    this.#memory.floats(tensor).set(values);
  }

  destroy(): void {
    this.#memory = this.#memory.beside();
    this.#kernels = [];
  }
}
