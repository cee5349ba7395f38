import { BackendError } from '../backend.ts';
import type { GpuDevice } from './device.ts';

/** Bytes of one writeBuffer: larger ones make the browser hold the whole copy. */
const WRITE_BYTES = 32 * 2 ** 20;

export interface LiveBuffers {
  readonly count: number;
  readonly sizeBytes: number;
}

/** Bytes of a buffer; WebGPU allows no empty one. */
export const bufferBytes = (elements: number): number => Math.max(4, 4 * elements);

/** Creates every GPU buffer of the backend. An owner is an execution, a data set, the staging pool. */
export class Buffers {
  readonly #gpu: GpuDevice;
  readonly #live = new Map<GPUBuffer, string>();

  constructor(gpu: GpuDevice) {
    this.#gpu = gpu;
  }

  /** Live buffers, of one owner or of all. */
  live(owner?: string): LiveBuffers {
    let count = 0;
    let sizeBytes = 0;
    for (const [buffer, own] of this.#live) {
      if (owner !== undefined && own !== owner) continue;
      count++;
      sizeBytes += buffer.size;
    }
    return { count, sizeBytes };
  }

  create(owner: string, label: string, elements: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = bufferBytes(elements);
    this.#checkSize(label, size, usage);
    const buffer = this.#gpu.device.createBuffer({ label: `${owner}: ${label}`, size, usage });
    this.#live.set(buffer, owner);
    return buffer;
  }

  write(buffer: GPUBuffer, offset: number, values: Float32Array | Uint32Array): void {
    const elements = WRITE_BYTES / 4;
    for (let from = 0; from < values.length; from += elements) {
      const part = values.subarray(from, from + elements) as Float32Array<ArrayBuffer>;
      this.#gpu.queue.writeBuffer(buffer, 4 * (offset + from), part);
    }
  }

  destroy(buffer: GPUBuffer): void {
    buffer.destroy();
    this.#live.delete(buffer);
  }

  destroyOf(owner: string): void {
    for (const [buffer, own] of this.#live) if (own === owner) this.destroy(buffer);
  }

  #checkSize(label: string, size: number, usage: GPUBufferUsageFlags): void {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#gpu.device.limits;
    const largest =
      usage & GPUBufferUsage.STORAGE ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
    if (size <= largest) return;
    throw new BackendError(
      'limit',
      `${label} needs ${mebibytes(size)}; this graphics adapter binds at most ${mebibytes(largest)} at once.`,
      'Lower the memory budget or the batch, load fewer rows, or choose the CPU backend.',
    );
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}

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
