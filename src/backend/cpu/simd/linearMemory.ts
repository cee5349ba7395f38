import { kernelsBase64 } from 'virtual:cpu-kernels';
import type { MemoryRegion } from '../../../program/memory.ts';
import { storageOf, type Tensor } from '../../../program/tensor.ts';

const PAGE_BYTES = 2 ** 16;
/** What 32-bit addresses reach. */
export const MAX_LINEAR_BYTES = 2 ** 32;
/** The kernels' own constants lie below. */
const FIRST_ADDRESS = 4096;
/** Kernels read eight floats at a time: up to 28 bytes past the end of a region, never written. */
const GUARD_BYTES = 32;
const ALIGNMENT_BYTES = 64;

/** Gives out addresses one after another. */
export class AddressAllocator {
  #end: number;

  constructor(start = 0) {
    this.#end = start;
  }

  take(sizeBytes: number): number {
    const address = this.#end;
    this.#end = Math.ceil((address + sizeBytes + GUARD_BYTES) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return address;
  }

  get end(): number {
    return this.#end;
  }
}

/** Where tensors lie, and the scratch region that all kernels share, before there is any memory. */
export interface LinearLayout {
  /** Of storage tensors, by name. */
  readonly addresses: ReadonlyMap<string, number>;
  readonly scratch: number;
  readonly sizeBytes: number;
  /** Of these, what no tensor takes: scratch, the kernels' constants, guards, the rest of the last page. */
  readonly overheadBytes: number;
}

/** undefined: more than `limitBytes`. */
export function layOut(
  regions: readonly MemoryRegion[],
  scratchBytes: number,
  limitBytes: number,
): LinearLayout | undefined {
  const allocator = new AddressAllocator(FIRST_ADDRESS);
  const addresses = new Map<string, number>();
  for (const { elements, tensors } of regions) {
    const address = allocator.take(4 * elements);
    for (const { name } of tensors) addresses.set(name, address);
  }
  const scratch = allocator.take(scratchBytes);
  const sizeBytes = Math.ceil(allocator.end / PAGE_BYTES) * PAGE_BYTES;
  if (sizeBytes > Math.min(limitBytes, MAX_LINEAR_BYTES)) return undefined;
  const tensorBytes = regions.reduce((sum, { elements }) => sum + 4 * elements, 0);
  return { addresses, scratch, sizeBytes, overheadBytes: sizeBytes - tensorBytes };
}

/** The tensors that WebAssembly works on. The memory never grows, so views of it stay valid. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly scratch: number;
  readonly overheadBytes: number;
  readonly #addresses: ReadonlyMap<string, number>;

  /** @throws RangeError where so much cannot be had */
  constructor({ addresses, scratch, sizeBytes, overheadBytes }: LinearLayout) {
    const pages = sizeBytes / PAGE_BYTES;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.scratch = scratch;
    this.overheadBytes = overheadBytes;
    this.#addresses = addresses;
  }

  holds({ tensors }: MemoryRegion): boolean {
    return this.#addresses.has(tensors[0].name);
  }

  /** Byte address of the tensor's first element. */
  address(tensor: Tensor): number {
    const address = this.#addresses.get(storageOf(tensor).name);
    if (address === undefined) throw new Error(`${tensor.name} is not in the linear memory`);
    return address + 4 * tensor.offset;
  }

  array({ elements, tensors: [tensor] }: MemoryRegion): Float32Array | Uint32Array {
    const List = tensor.type === 'u32' ? Uint32Array : Float32Array;
    return new List(this.memory.buffer, this.address(tensor), elements);
  }
}

/** What assembly/index.ts exports; the arguments are described there. */
type KernelName =
  | 'linear'
  | 'quantise'
  | 'linearBackwardInput'
  | 'linearBackwardWeight'
  | 'interact'
  | 'interactBackward'
  | 'addScaled'
  | 'gather'
  | 'project'
  | 'projectBackwardInput'
  | 'projectBackwardWeight'
  | 'sgd'
  | 'adagrad'
  | 'adam'
  | 'embeddingSgd'
  | 'embeddingAdagrad'
  | 'embeddingAdam';

export type KernelExports = Readonly<Record<KernelName, (...args: readonly number[]) => void>> & {
  readonly deviation: (...args: readonly number[]) => number;
};

/** undefined: no WebAssembly SIMD here, or a content security policy without 'wasm-unsafe-eval'. */
export function compileKernels(): WebAssembly.Module | undefined {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(kernelsBase64), (letter) => letter.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

export function instantiateKernels(module: WebAssembly.Module, { memory }: LinearMemory): KernelExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}
