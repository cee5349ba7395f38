import { type MemoryRegion, type MemoryUse, noBytes, useOf } from '../../program/memory.ts';
import type { OpKind, OpOf } from '../../program/op.ts';
import type { Step } from '../../program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../program/tensor.ts';
import { BackendError } from '../backend.ts';
import type { LinearMemory } from './simd/linearMemory.ts';

export type Floats = Float32Array | Float64Array;
export type Precision = 'f32' | 'f64';

/** The bytes that regions take, by use. */
export function regionBytes(
  regions: readonly MemoryRegion[],
  precision: Precision,
): Record<MemoryUse, number> {
  const bytes = noBytes();
  for (const region of regions) {
    const isWide = precision === 'f64' && region.tensors[0].type === 'f32';
    bytes[useOf(region)] += (isWide ? 8 : 4) * region.elements;
  }
  return bytes;
}

/** The arrays behind tensors, in `linear` where that holds them. A view is a subarray of its base's array. */
export class Memory {
  readonly #arrays = new Map<string, Floats | Uint32Array>();
  readonly #bytes = noBytes();
  readonly #precision: Precision;
  readonly #linear: LinearMemory | undefined;

  constructor(precision: Precision, linear?: LinearMemory) {
    this.#precision = precision;
    this.#linear = linear;
    this.#bytes.scratch = linear?.overheadBytes ?? 0;
  }

  allocate(region: MemoryRegion): void {
    const array = this.#create(region);
    this.#bytes[useOf(region)] += array.byteLength;
    for (const tensor of region.tensors)
      this.#arrays.set(tensor.name, array.subarray(0, elementCount(tensor)));
  }

  #create(region: MemoryRegion): Floats | Uint32Array {
    if (this.#linear?.holds(region)) return this.#linear.array(region);
    const { elements, tensors } = region;
    if (tensors[0].type === 'u32') return new Uint32Array(elements);
    return this.#precision === 'f64' ? new Float64Array(elements) : new Float32Array(elements);
  }

  /** A memory that knows these arrays too, and does not count their bytes. */
  beside(): Memory {
    const other = new Memory(this.#precision);
    other.adopt(this);
    return other;
  }

  adopt(other: Memory): void {
    for (const [name, array] of other.#arrays) this.#arrays.set(name, array);
  }

  array(tensor: Tensor): Floats | Uint32Array {
    const whole = this.named(storageOf(tensor).name);
    return tensor.base ? whole.subarray(tensor.offset, tensor.offset + elementCount(tensor)) : whole;
  }

  named(name: string): Floats | Uint32Array {
    const array = this.#arrays.get(name);
    if (!array) throw new Error(`tensor ${name} was never allocated`);
    return array;
  }

  floats(tensor: Tensor): Floats {
    return this.array(tensor) as Floats;
  }

  words(tensor: Tensor): Uint32Array {
    return this.array(tensor) as Uint32Array;
  }

  /** Bytes of the arrays that this memory allocated, and of the linear memory around them. */
  get bytes(): Readonly<Record<MemoryUse, number>> {
    return this.#bytes;
  }
}

/** Throws BackendError 'out-of-memory'. */
export function allocate(memory: Memory, region: MemoryRegion): void {
  const mebibytes = Math.ceil((4 * region.elements) / 2 ** 20);
  orOutOfMemory(`${region.name} (${mebibytes} MiB)`, () => memory.allocate(region));
}

export function orOutOfMemory<T>(what: string, make: () => T): T {
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

/** An op bound to its arrays. */
export type BoundOp = (step: Step) => void;

export type OpBinder<K extends OpKind> = (op: OpOf<K>, memory: Memory) => BoundOp;
