import { BackendError } from '../backend.ts';
import type { GpuDevice } from './device.ts';

/** Bytes of one writeBuffer: larger ones make the browser hold the whole copy. */
const WRITE_BYTES = 32 * 2 ** 20;

export interface LiveBuffers {
  readonly count: number;
  readonly sizeBytes: number;
}

/** A buffer cannot be empty. */
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
