import type { Buffers } from './buffers.ts';
import type { GpuDevice } from './device.ts';

const OWNER = 'staging';
/** Elements of the largest staging buffer; longer reads take several. */
const PART_ELEMENTS = 4 * 2 ** 20;
const SMALLEST_ELEMENTS = 1024;

/** Copies buffers back through mapped staging buffers, which are kept for the next read. */
export class Readback {
  readonly #gpu: GpuDevice;
  readonly #buffers: Buffers;
  readonly #idle: GPUBuffer[] = [];

  constructor(gpu: GpuDevice, buffers: Buffers) {
    this.#gpu = gpu;
    this.#buffers = buffers;
  }

  /** `length` elements from `offset`, as they are after everything submitted so far. */
  async read(source: GPUBuffer, offset: number, length: number): Promise<ArrayBuffer> {
    const target = new Uint8Array(4 * length);
    const parts: Promise<void>[] = [];
    for (let from = 0; from < length; from += PART_ELEMENTS) {
      const elements = Math.min(PART_ELEMENTS, length - from);
      const part = target.subarray(4 * from, 4 * (from + elements));
      parts.push(this.#readPart(source, offset + from, part));
    }
    await Promise.all(parts);
    return target.buffer;
  }

  async #readPart(source: GPUBuffer, offset: number, target: Uint8Array): Promise<void> {
    const size = target.byteLength;
    const staging = this.#take(size);
    const encoder = this.#gpu.device.createCommandEncoder({ label: 'read' });
    encoder.copyBufferToBuffer(source, 4 * offset, staging, 0, size);
    this.#gpu.queue.submit([encoder.finish()]);
    await this.#gpu.settle(staging.mapAsync(GPUMapMode.READ, 0, size));
    target.set(new Uint8Array(staging.getMappedRange(0, size)));
    staging.unmap();
    this.#idle.push(staging);
  }

  #take(size: number): GPUBuffer {
    const found = this.#idle.findIndex((buffer) => buffer.size >= size);
    if (found >= 0) return this.#idle.splice(found, 1)[0];
    const elements = 2 ** Math.ceil(Math.log2(Math.max(SMALLEST_ELEMENTS, size / 4)));
    return this.#buffers.create(OWNER, 'read', elements, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }
}
