import { elementCount, type Tensor } from '../../program/tensor.ts';
import type { DeviceData } from '../backend.ts';
import type { Buffers } from './buffers.ts';
import type { GpuDevice } from './device.ts';

let created = 0;

/** The 'data' tensors of programs, one buffer each. */
export class WebGpuData implements DeviceData {
  /** Rejects with BackendError when the device had no memory for it. */
  readonly ready: Promise<void>;
  readonly #owner = `data ${++created}`;
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
