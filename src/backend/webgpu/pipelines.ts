import { BackendError } from '../backend.ts';
import type { GpuDevice } from './device.ts';
import type { Access, Dispatch, Kernel } from './kernel.ts';

export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/**
 * One pipeline per shader, variant and override constants, for the life of a device: a run with
 * other dims finds all of its pipelines here.
 */
export class Pipelines {
  readonly #gpu: GpuDevice;
  /** Group 1: the step, at a dynamic offset. */
  readonly stepLayout: GPUBindGroupLayout;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #modules = new Map<string, Promise<GPUShaderModule>>();
  readonly #compiled = new Map<string, Promise<CompiledKernel>>();

  constructor(gpu: GpuDevice, stepBytes: number) {
    this.#gpu = gpu;
    const buffer = { type: 'uniform', hasDynamicOffset: true, minBindingSize: stepBytes } as const;
    this.stepLayout = gpu.device.createBindGroupLayout({
      label: 'step',
      entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer }],
    });
  }

  get count(): number {
    return this.#compiled.size;
  }

  /** All in parallel. Throws BackendError 'limit' or 'validation'. */
  compile(dispatches: readonly Dispatch[]): Promise<readonly CompiledKernel[]> {
    return Promise.all(dispatches.map((dispatch) => this.#find(dispatch)));
  }

  #find({ kernel, constants }: Dispatch): Promise<CompiledKernel> {
    const key = JSON.stringify([kernel.shader, kernel.variant, constants]);
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      compiled = this.#create(kernel, constants, key);
      this.#compiled.set(key, compiled);
    }
    return compiled;
  }

  async #create(
    kernel: Kernel,
    constants: Readonly<Record<string, number>>,
    label: string,
  ): Promise<CompiledKernel> {
    const module = await this.#module(kernel);
    const layout = this.#layout(kernel);
    const { device } = this.#gpu;
    const pipeline = device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout, this.stepLayout] }),
      compute: { module, constants: { ...constants } },
    });
    return { pipeline: await this.#gpu.settle(pipeline), layout };
  }

  #module({ shader, variant }: Kernel): Promise<GPUShaderModule> {
    const key = JSON.stringify([shader, variant]);
    let module = this.#modules.get(key);
    if (!module) {
      const code = shaderText(shader, variant);
      module = this.#gpu.guard(shader, () => this.#gpu.device.createShaderModule({ label: shader, code }));
      this.#modules.set(key, module);
    }
    return module;
  }

  #layout(kernel: Kernel): GPUBindGroupLayout {
    const bound = Object.values(kernel.buffers);
    const limit = this.#gpu.device.limits.maxStorageBuffersPerShaderStage;
    if (bound.length > limit)
      throw new BackendError(
        'limit',
        `${kernel.shader} binds ${bound.length} buffers; this graphics adapter allows ${limit}.`,
        'Choose SGD or Adagrad as the optimiser, or the CPU backend.',
      );
    const key = bound.map(({ binding, access }) => `${binding} ${access}`).join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.#gpu.device.createBindGroupLayout({
        label: key,
        entries: [
          { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform' } },
          ...bound.map(({ binding, access }) => ({
            binding,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type: bufferType[access] },
          })),
        ],
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}

const bufferType: Readonly<Record<Access, GPUBufferBindingType>> = {
  read: 'read-only-storage',
  write: 'storage',
};

const sources = import.meta.glob<string>('/shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const ENABLE = /^enable \w+;$/gm;

/**
 * The text of shaders/<name>.wgsl with every `#include "file.wgsl"` replaced by that file, once each.
 * `$key` in an include stands for variant[key]: `#include "matmul_$matmul.wgsl"`. What an included file
 * enables comes first, as WGSL wants it.
 */
export function shaderText(name: string, variant: Readonly<Record<string, string>> = {}): string {
  const included = new Set<string>();
  const expand = (file: string): string => {
    if (included.has(file)) return '';
    included.add(file);
    const text = sources[`/shaders/${file}`];
    if (text === undefined) throw new Error(`there is no shaders/${file}`);
    return text.replace(/^#include "(.+)"$/gm, (_, path: string) =>
      expand(path.replace(/\$(\w+)/g, (_match, key: string) => variant[key] ?? `$${key}`)),
    );
  };
  const text = expand(`${name}.wgsl`);
  const enabled = text.match(ENABLE) ?? [];
  return [...enabled, text.replace(ENABLE, '')].join('\n');
}
