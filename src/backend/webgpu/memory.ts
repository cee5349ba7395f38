import { type MemoryRegion, type MemoryUse, noBytes, useOf } from '../../program/memory.ts';
import { elementCount, storageOf, type Tensor } from '../../program/tensor.ts';
import type { DeviceData } from '../backend.ts';
import type { Buffers } from './buffers.ts';
import type { GpuDevice } from './device.ts';
import type { DispatchBuilder } from './dispatchBuilder.ts';
import type { Operand } from './kernel.ts';

/** Where a tensor's elements are. */
export interface Location {
  readonly buffer: GPUBuffer;
  /** Elements before the tensor's first. */
  readonly offset: number;
}

let createdExecutions = 0;

/** The buffers of one execution. Constants share one buffer; every other region has its own. */
export class ProgramMemory {
  readonly #owner = `execution ${++createdExecutions}`;
  readonly #buffers: Buffers;
  /** Has the tensors that are not here. */
  readonly #parent: WebGpuData | ProgramMemory;
  readonly #byName = new Map<string, GPUBuffer>();
  readonly #bytes = noBytes();
  readonly #builder: DispatchBuilder;
  readonly #constants: GPUBuffer;
  readonly #scratch: GPUBuffer;

  /** Throws BackendError 'limit', freeing what it had created. */
  constructor(
    buffers: Buffers,
    regions: readonly MemoryRegion[],
    builder: DispatchBuilder,
    parent: WebGpuData | ProgramMemory,
  ) {
    this.#buffers = buffers;
    this.#parent = parent;
    this.#builder = builder;
    if (parent instanceof WebGpuData) this.#bytes.data = parent.sizeBytes;
    try {
      const { constants, scratchElements } = builder;
      this.#constants = this.create('constants', 'constant', constants.length);
      buffers.write(this.#constants, 0, constants);
      this.#scratch = this.create('scratch', 'scratch', scratchElements);
      for (const region of regions) {
        const use = useOf(region);
        if (use === 'data' || use === 'constant') continue;
        const buffer = this.create(region.name, use, region.elements);
        for (const { name } of region.tensors) this.#byName.set(name, buffer);
      }
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  get bytes(): Readonly<Record<MemoryUse, number>> {
    return this.#bytes;
  }

  create(
    label: string,
    use: MemoryUse,
    elements: number,
    usage: GPUBufferUsageFlags = GPUBufferUsage.STORAGE,
  ): GPUBuffer {
    const copied = GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = this.#buffers.create(this.#owner, label, elements, usage | copied);
    this.#bytes[use] += buffer.size;
    return buffer;
  }

  /** A buffer that `bytes` leaves out. */
  createApart(label: string, elements: number): GPUBuffer {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    return this.#buffers.create(this.#owner, label, elements, usage);
  }

  locate(tensor: Tensor): Location {
    const storage = storageOf(tensor);
    const parent = this.#parent;
    if (parent instanceof ProgramMemory && !this.#byName.has(storage.name)) return parent.locate(tensor);
    if (parent instanceof WebGpuData && storage.role === 'data')
      return { buffer: parent.buffer(storage), offset: tensor.offset };
    if (storage.role === 'constant')
      return { buffer: this.#constants, offset: this.#builder.placeTensor(storage) + tensor.offset };
    const buffer = this.#byName.get(storage.name);
    if (!buffer) throw new Error(`the program does not list tensor ${storage.name}`);
    return { buffer, offset: tensor.offset };
  }

  /** The whole buffer behind an operand; views are offsets in the kernel's sizes. */
  bufferOf(operand: Operand): GPUBuffer {
    if (operand === 'constants') return this.#constants;
    if (operand === 'scratch') return this.#scratch;
    return this.locate(operand).buffer;
  }

  write(tensor: Tensor, values: Float32Array | Uint32Array, offset = 0): void {
    const location = this.locate(tensor);
    this.#buffers.write(location.buffer, location.offset + offset, values);
  }

  destroy(): void {
    this.#buffers.destroyOf(this.#owner);
  }
}

let createdData = 0;

/** The 'data' tensors of programs, one buffer each. */
export class WebGpuData implements DeviceData {
  /** Rejects with BackendError when the device had no memory for it. */
  readonly ready: Promise<void>;
  readonly #owner = `data ${++createdData}`;
  readonly #buffers: Buffers;
  readonly #byName = new Map<string, GPUBuffer>();

  /** Throws BackendError 'limit'. */
  constructor(gpu: GpuDevice, buffers: Buffers, tensors: readonly Tensor[]) {
    this.#buffers = buffers;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    let failure: unknown;
    this.ready = gpu.guard('The data set', () => {
      try {
        for (const tensor of tensors) {
          const buffer = buffers.create(this.#owner, tensor.name, elementCount(tensor), usage);
          this.#byName.set(tensor.name, buffer);
        }
      } catch (error) {
        failure = error;
      }
    });
    this.ready.catch(() => {}); // reported by the first execution prepared with it
    if (failure !== undefined) {
      this.destroy();
      throw failure;
    }
  }

  get sizeBytes(): number {
    return this.#buffers.live(this.#owner).sizeBytes;
  }

  buffer(tensor: Tensor): GPUBuffer {
    return this.#named(tensor.name);
  }

  write(name: string, offset: number, values: Uint32Array | Float32Array): void {
    this.#buffers.write(this.#named(name), offset, values);
  }

  destroy(): void {
    this.#buffers.destroyOf(this.#owner);
  }

  #named(name: string): GPUBuffer {
    const buffer = this.#byName.get(name);
    if (!buffer) throw new Error(`the data set has no tensor ${name}`);
    return buffer;
  }
}
