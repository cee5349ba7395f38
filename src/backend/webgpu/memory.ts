import { type MemoryUse, noBytes } from '../../program/allocatedBytes.ts';
import { useOf } from '../../program/ledger.ts';
import type { Area } from '../../program/memoryAreas.ts';
import { storageOf, type Tensor } from '../../program/tensor.ts';
import type { Buffers } from './buffers.ts';
import { WebGpuData } from './data.ts';
import type { Operand } from './kernel.ts';
import type { DispatchBuilder } from './dispatchBuilder.ts';

/** Where a tensor's elements are. */
export interface Location {
  readonly buffer: GPUBuffer;
  /** Elements before the tensor's first. */
  readonly offset: number;
}

let created = 0;

/** The buffers of one execution. Constants share one buffer; every other area of the plan has its own. */
export class ProgramMemory {
  readonly #owner = `execution ${++created}`;
  readonly #buffers: Buffers;
  /** Where other tensors are. */
  readonly #parent: WebGpuData | ProgramMemory;
  readonly #byName = new Map<string, GPUBuffer>();
  readonly #bytes = noBytes();
  readonly #planner: DispatchBuilder;
  readonly #constants: GPUBuffer;
  readonly #scratch: GPUBuffer;

  /** Throws BackendError 'limit', freeing what it had created. */
  constructor(
    buffers: Buffers,
    areas: readonly Area[],
    planner: DispatchBuilder,
    parent: WebGpuData | ProgramMemory,
  ) {
    this.#buffers = buffers;
    this.#parent = parent;
    this.#planner = planner;
    if (parent instanceof WebGpuData) this.#bytes.data = parent.sizeBytes;
    try {
      const { constants, scratchElements } = planner;
      this.#constants = this.create('constants', 'constant', constants.length);
      buffers.write(this.#constants, 0, constants);
      this.#scratch = this.create('scratch', 'scratch', scratchElements);
      for (const area of areas) {
        const use = useOf(area);
        if (use === 'data' || use === 'constant') continue;
        const buffer = this.create(area.name, use, area.elements);
        for (const { name } of area.tensors) this.#byName.set(name, buffer);
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
      return { buffer: this.#constants, offset: this.#planner.placeTensor(storage) + tensor.offset };
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
