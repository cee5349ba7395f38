import { atOnce, type Pace } from '../../pieces/pieces.ts';
import { initialising } from '../../program/initialize.ts';
import { assignMemory } from '../../program/memory.ts';
import type { Addition, Program, Section, Step } from '../../program/program.ts';
import { elementCount, type Tensor } from '../../program/tensor.ts';
import { type Attachment, BackendError, type Execution } from '../backend.ts';
import { attachTo } from './attachment.ts';
import {
  bindDispatches,
  bindStep,
  type BoundDispatch,
  encodeDispatch,
  type GpuContext,
} from './boundDispatch.ts';
import { lowerProgram } from './lowering.ts';
import { ProgramMemory, type WebGpuData } from './memory.ts';
import { RING_STEPS, StepRing, stepUniforms } from './stepRing.ts';

interface Bound {
  readonly dispatches: Readonly<Record<Section, readonly BoundDispatch[]>>;
  readonly ring: StepRing;
  readonly ringBuffer: GPUBuffer;
  readonly stepGroup: GPUBindGroup;
}

/** Throws BackendError, GivenUp; what had been allocated is freed. */
export async function prepareExecution(
  context: GpuContext,
  program: Program,
  data: WebGpuData,
  seed: number,
  pace: Pace = atOnce,
): Promise<WebGpuExecution> {
  const { gpu, buffers, pipelines } = context;
  const { device } = gpu;
  const { builder, dispatches } = lowerProgram(program, context.tuning);
  const [train, evaluate, prune] = await Promise.all([
    pipelines.compile(dispatches.train),
    pipelines.compile(dispatches.evaluate),
    pipelines.compile(dispatches.prune),
    data.ready,
  ]);
  const regions = assignMemory(program, { share: context.shareMemory });
  let memory: ProgramMemory | undefined;
  try {
    const owned = await gpu.guard('The model', () => {
      memory = new ProgramMemory(buffers, regions, builder, data);
      return memory;
    });
    for (const tensor of program.tensors) {
      if (tensor.role === 'data' || tensor.role === 'constant') continue;
      const written: Promise<void>[] = [];
      const write = (values: Float32Array | Uint32Array, offset: number): void => {
        const guarded = gpu.guard('The initial values', () => owned.write(tensor, values, offset));
        guarded.catch(() => {}); // thrown where it is awaited
        written.push(guarded);
      };
      await pace.work(initialising(tensor, seed, write));
      await Promise.all(written);
    }
    const bound = await gpu.guard('The program', (): Bound => {
      const ring = new StepRing(program, device.limits.minUniformBufferOffsetAlignment);
      const ringBuffer = owned.create('steps', 'constant', ring.elements, GPUBufferUsage.UNIFORM);
      return {
        dispatches: {
          train: bindDispatches(device, owned, dispatches.train, train),
          evaluate: bindDispatches(device, owned, dispatches.evaluate, evaluate),
          prune: bindDispatches(device, owned, dispatches.prune, prune),
        },
        ring,
        ringBuffer,
        stepGroup: bindStep(device, pipelines, ringBuffer, stepUniforms.sizeBytes),
      };
    });
    return new WebGpuExecution(context, program, owned, bound);
  } catch (error) {
    memory?.destroy();
    throw error;
  }
}

export class WebGpuExecution implements Execution {
  readonly #context: GpuContext;
  readonly #memory: ProgramMemory;
  readonly #bound: Bound;
  readonly #parameters: readonly Tensor[];
  #checkpoint: ReadonlyMap<Tensor, GPUBuffer> = new Map();
  #checkpointReady: Promise<unknown> = Promise.resolve();

  constructor(context: GpuContext, program: Program, memory: ProgramMemory, bound: Bound) {
    this.#context = context;
    this.#memory = memory;
    this.#bound = bound;
    this.#parameters = program.tensors.filter((tensor) => tensor.role === 'parameter' && !tensor.base);
  }

  /** Encodes RING_STEPS steps a submit: one upload of uniforms, one pass, nothing allocated. */
  run(section: Section, steps: readonly Step[]): void {
    const { device, queue } = this.#context.gpu;
    const { ring, ringBuffer, stepGroup, dispatches } = this.#bound;
    const limit = device.limits.maxComputeWorkgroupsPerDimension;
    for (let from = 0; from < steps.length; from += RING_STEPS) {
      const part = steps.slice(from, from + RING_STEPS);
      queue.writeBuffer(ringBuffer, 0, ring.write(part));
      const encoder = device.createCommandEncoder({ label: section });
      const pass = encoder.beginComputePass({ label: section });
      part.forEach((step, i) => {
        pass.setBindGroup(1, stepGroup, [i * ring.stride]);
        for (const dispatch of dispatches[section]) encodeDispatch(pass, dispatch, step, limit);
      });
      pass.end();
      queue.submit([encoder.finish()]);
    }
  }

  async finished(): Promise<void> {
    await this.#checkpointReady;
    await this.#context.gpu.settle(this.#context.gpu.queue.onSubmittedWorkDone());
  }

  async read(tensor: Tensor, offset = 0, length?: number): Promise<Float32Array | Uint32Array> {
    const location = this.#memory.locate(tensor);
    const elements = length ?? elementCount(tensor) - offset;
    const bytes = await this.#context.readback.read(location.buffer, location.offset + offset, elements);
    return tensor.type === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  write(tensor: Tensor, values: Float32Array | Uint32Array, offset = 0): void {
    this.#memory.write(tensor, values, offset);
  }

  async save(): Promise<void> {
    const ready = this.#context.gpu.guard('The checkpoint', () => {
      if (this.#checkpoint.size === 0) {
        const copies = this.#parameters.map((tensor) => {
          const label = `${tensor.name} checkpoint`;
          return [tensor, this.#memory.createApart(label, elementCount(tensor))] as const;
        });
        this.#checkpoint = new Map(copies);
      }
      this.#copyCheckpoint((live, copy) => [live, copy]);
    });
    ready.catch(() => {}); // reported by finished()
    this.#checkpointReady = Promise.all([this.#checkpointReady, ready]);
    this.#checkpointReady.catch(() => {});
  }

  async restore(): Promise<void> {
    this.#copyCheckpoint((live, copy) => [copy, live]);
  }

  async readSaved(tensor: Tensor, offset = 0, length?: number): Promise<Float32Array | Uint32Array> {
    const elements = length ?? elementCount(tensor) - offset;
    const bytes = await this.#context.readback.read(this.#checkpoint.get(tensor)!, offset, elements);
    return tensor.type === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  attach(addition: Addition): Promise<Attachment> {
    return attachTo(this.#context, this.#memory, this.#bound.stepGroup, addition);
  }

  get allocatedBytes(): Execution['allocatedBytes'] {
    const copies = [...this.#checkpoint.values()];
    return { ...this.#memory.bytes, checkpoint: copies.reduce((sum, { size }) => sum + size, 0) };
  }

  /** Dispatches of one step of a section. */
  dispatchesPerStep(section: Section): number {
    return this.#bound.dispatches[section].length;
  }

  /** Runs one step with GPU time taken around every dispatch. Needs 'timestamp-query'. */
  profile(section: Section, step: Step): Promise<readonly KernelTime[]> {
    const { ring, ringBuffer, stepGroup, dispatches } = this.#bound;
    this.#context.gpu.queue.writeBuffer(ringBuffer, 0, ring.write([step]));
    return timeDispatches(this.#context, dispatches[section], stepGroup, step);
  }

  destroy(): void {
    this.#memory.destroy();
  }

  #copyCheckpoint(direction: (live: GPUBuffer, copy: GPUBuffer) => [from: GPUBuffer, to: GPUBuffer]): void {
    const { device, queue } = this.#context.gpu;
    const encoder = device.createCommandEncoder({ label: 'checkpoint' });
    for (const [tensor, copy] of this.#checkpoint) {
      const [from, to] = direction(this.#memory.locate(tensor).buffer, copy);
      encoder.copyBufferToBuffer(from, 0, to, 0, copy.size);
    }
    queue.submit([encoder.finish()]);
  }
}

export interface KernelTime {
  /** Op and tensor: 'linear top.0.out'. */
  readonly label: string;
  readonly gpuMs: number;
}

const OWNER = 'profile';

/** GPU time of every dispatch, each in a pass of its own. Throws BackendError where it cannot be taken. */
async function timeDispatches(
  { gpu, buffers, readback }: GpuContext,
  dispatches: readonly BoundDispatch[],
  stepGroup: GPUBindGroup,
  step: Step,
): Promise<readonly KernelTime[]> {
  const { device } = gpu;
  if (!device.features.has('timestamp-query'))
    throw new BackendError(
      'limit',
      'This graphics adapter or browser does not report GPU time.',
      'In Chrome, open chrome://flags/#enable-webgpu-developer-features; otherwise read the wall-clock times.',
    );
  const count = 2 * dispatches.length;
  const querySet = device.createQuerySet({ label: OWNER, type: 'timestamp', count });
  const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
  const resolved = buffers.create(OWNER, 'timestamps', 2 * count, usage);
  const encoder = device.createCommandEncoder({ label: OWNER });
  dispatches.forEach((dispatch, i) => {
    const pass = encoder.beginComputePass({
      label: dispatch.label,
      timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
    });
    pass.setBindGroup(1, stepGroup, [0]);
    encodeDispatch(pass, dispatch, step, device.limits.maxComputeWorkgroupsPerDimension);
    pass.end();
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  device.queue.submit([encoder.finish()]);
  try {
    const nanoseconds = new BigUint64Array(await readback.read(resolved, 0, 2 * count));
    return dispatches.map(({ label }, i) => ({
      label,
      gpuMs: Number(nanoseconds[2 * i + 1] - nanoseconds[2 * i]) / 1e6,
    }));
  } finally {
    querySet.destroy();
    buffers.destroyOf(OWNER);
  }
}
