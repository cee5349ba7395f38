import type { Pace } from '../../pieces/pieces.ts';
import { type AllocatedBytes, assignMemory, noBytes, useOf } from '../../program/memory.ts';
import type { Program } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';
import { type Backend, BackendError, type DeviceData } from '../backend.ts';
import { type GpuContext, placeSizes } from './boundDispatch.ts';
import { bufferBytes, Buffers, type LiveBuffers, Readback } from './buffers.ts';
import { type GpuDevice, requestDevice } from './device.ts';
import { prepareExecution, type WebGpuExecution } from './execution.ts';
import { lowerProgram } from './lowering.ts';
import { WebGpuData } from './memory.ts';
import { Pipelines } from './pipelines.ts';
import { StepRing, stepUniforms } from './stepRing.ts';
import { type Trials, tuneTiles } from './tuneTiles.ts';
import { type Tiles, type Tuning, tuningFor } from './tuning.ts';

/** Tiles chosen so far, by adapter: a worker may open one again and again. */
const tuned = new Map<string, Tiles>();

export interface WebGpuOptions {
  /** Replaces values of the tuning chosen for the adapter. */
  readonly tuning?: Partial<Tuning>;
  /** false: every activation and gradient keeps its contents to the end of its section, and can be read. */
  readonly shareMemory?: boolean;
}

/**
 * A backend on the best adapter of `gpu`: `navigator.gpu` in a browser, createNodeGpu() in Node.
 * Throws BackendError 'no-api', 'no-adapter' or 'limit'.
 */
export async function createWebGpuBackend(
  gpu: GPU | undefined,
  options: WebGpuOptions = {},
): Promise<WebGpuBackend> {
  if (!gpu)
    throw new BackendError(
      'no-api',
      'This browser has no WebGPU, or the page was not opened over https or from localhost.',
      'Open the page in a current Chrome, Edge, Safari or Firefox, over https.',
    );
  const device = await requestDevice(gpu);
  const backend = new WebGpuBackend(device, options);
  try {
    if (!device.software && !options.tuning) await backend.tune();
  } catch (error) {
    backend.destroy();
    throw error;
  }
  return backend;
}

export class WebGpuBackend implements Backend {
  readonly kind = 'webgpu';
  readonly #gpu: GpuDevice;
  #context: GpuContext;

  constructor(gpu: GpuDevice, options: WebGpuOptions) {
    this.#gpu = gpu;
    const buffers = new Buffers(gpu);
    this.#context = {
      gpu,
      buffers,
      pipelines: new Pipelines(gpu, stepUniforms.sizeBytes),
      readback: new Readback(gpu, buffers),
      tuning: { ...tuningFor(gpu.software, gpu.device.features), ...options.tuning },
      shareMemory: options.shareMemory ?? true,
    };
  }

  get adapter(): string {
    return this.#gpu.adapter;
  }

  /** True for SwiftShader, lavapipe and the like: the CPU backend is the better choice. */
  get software(): boolean {
    return this.#gpu.software;
  }

  get lost(): Promise<BackendError> {
    return this.#gpu.lost;
  }

  get maxTensorBytes(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#gpu.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** Chooses the tiles by timing them, once for an adapter; a slow adapter keeps the first choice. */
  async tune(trials?: Trials): Promise<Tiles> {
    const { tuning } = this.#context;
    const tiles = tuned.get(this.adapter) ?? (await tuneTiles(this.#context, tuning, trials));
    tuned.set(this.adapter, tiles);
    this.#context = { ...this.#context, tuning: { ...tuning, ...tiles } };
    return tiles;
  }

  createData(tensors: readonly Tensor[]): DeviceData {
    return new WebGpuData(this.#gpu, this.#context.buffers, tensors);
  }

  async prepare(program: Program, data: DeviceData, seed: number, pace?: Pace): Promise<WebGpuExecution> {
    if (!(data instanceof WebGpuData)) throw new TypeError('the data belongs to another backend');
    return prepareExecution(this.#context, program, data, seed, pace);
  }

  footprint(program: Program): AllocatedBytes {
    return footprintOf(program, this.#context);
  }

  /** Buffers that exist now, of everything this backend made. */
  get liveBuffers(): LiveBuffers {
    return this.#context.buffers.live();
  }

  /** Pipelines compiled since the backend was made. */
  get pipelineCount(): number {
    return this.#context.pipelines.count;
  }

  destroy(): void {
    this.#gpu.destroy();
  }
}

/**
 * The buffers of an execution, its data and its checkpoint, before there are any: every region
 * but the constants, which share one; the kernels' scratch; the uniforms of steps and of dispatches.
 */
function footprintOf(
  program: Program,
  { gpu, tuning, shareMemory }: Pick<GpuContext, 'gpu' | 'tuning' | 'shareMemory'>,
): AllocatedBytes {
  const alignment = gpu.device.limits.minUniformBufferOffsetAlignment;
  const { builder, dispatches } = lowerProgram(program, tuning);
  const bytes = noBytes();
  for (const region of assignMemory(program, { share: shareMemory })) {
    const use = useOf(region);
    if (use !== 'constant') bytes[use] += bufferBytes(region.elements);
  }
  bytes.scratch = bufferBytes(builder.scratchElements);
  bytes.constant = bufferBytes(builder.constants.length);
  bytes.constant += bufferBytes(new StepRing(program, alignment).elements);
  for (const section of Object.values(dispatches))
    bytes.constant += bufferBytes(placeSizes(section, alignment).sizeBytes / 4);
  return { ...bytes, checkpoint: bytes.parameter };
}
