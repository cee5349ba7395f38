import { kernelsBase64 } from 'virtual:cpu-kernels';
import type { LinearMemory } from './linearMemory.ts';

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
