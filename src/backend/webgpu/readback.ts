import type { Buffers } from './buffers.ts';
import type { GpuDevice } from './device.ts';

const OWNER = 'staging';
/** Elements of the largest staging buffer; a longer read takes several. */
const PART_ELEMENTS = 64 * 2 ** 20;
/** Staging buffers up to this many elements are kept for the next read. */
const KEPT_ELEMENTS = 4 * 2 ** 20;
const SMALLEST_ELEMENTS = 1024;

/** Copies buffers back through mapped staging buffers. */
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
    const encoder = this.#gpu.device.createCommandEncoder({ label: 'read' });
    const parts: { readonly staging: GPUBuffer; readonly bytes: Uint8Array }[] = [];
    for (let from = 0; from < length; from += PART_ELEMENTS) {
      const bytes = target.subarray(4 * from, 4 * Math.min(length, from + PART_ELEMENTS));
      const staging = this.#take(bytes.length);
      encoder.copyBufferToBuffer(source, 4 * (offset + from), staging, 0, bytes.length);
      parts.push({ staging, bytes });
    }
    this.#gpu.queue.submit([encoder.finish()]);
    for (const { staging, bytes } of parts) {
      await this.#gpu.settle(staging.mapAsync(GPUMapMode.READ, 0, bytes.length));
      bytes.set(new Uint8Array(staging.getMappedRange(0, bytes.length)));
      staging.unmap();
      if (staging.size <= 4 * KEPT_ELEMENTS) this.#idle.push(staging);
      else this.#buffers.destroy(staging);
    }
    return target.buffer;
  }

  #take(size: number): GPUBuffer {
    const found = this.#idle.findIndex((buffer) => buffer.size >= size);
    if (found >= 0) return this.#idle.splice(found, 1)[0];
    const kept = size <= 4 * KEPT_ELEMENTS;
    const elements = kept ? 2 ** Math.ceil(Math.log2(Math.max(SMALLEST_ELEMENTS, size / 4))) : size / 4;
    return this.#buffers.create(OWNER, 'read', elements, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }
}
