import { initialValues } from '../../program/initialize.ts';
import { assignMemory } from '../../program/memoryAreas.ts';
import type { Program, Section, Step } from '../../program/program.ts';
import { elementCount, type Tensor } from '../../program/tensor.ts';
import type { Addition } from '../../program/sketchOps.ts';
import type { Attachment, Execution } from '../backend.ts';
import { attachTo } from './attachment.ts';
import type { Buffers } from './buffers.ts';
import { bindCommands, bindStep, type BoundDispatch, encodeCommand } from './commands.ts';
import type { WebGpuData } from './data.ts';
import type { GpuDevice } from './device.ts';
import type { Dispatch } from './kernel.ts';
import { ProgramMemory } from './memory.ts';
import { planOp } from './ops/dispatchOp.ts';
import type { Pipelines } from './pipelines.ts';
import { DispatchBuilder } from './dispatchBuilder.ts';
import { type KernelTime, timeCommands } from './profile.ts';
import type { Readback } from './readback.ts';
import { RING_STEPS, StepRing, stepUniforms } from './stepRing.ts';
import type { Tuning } from './tuning.ts';

/** What executions of one backend share. */
export interface GpuContext {
  readonly gpu: GpuDevice;
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
  readonly readback: Readback;
  readonly tuning: Tuning;
  readonly shareMemory: boolean;
}

interface Bound {
  readonly commands: Readonly<Record<Section, readonly BoundDispatch[]>>;
  readonly ring: StepRing;
  readonly ringBuffer: GPUBuffer;
  readonly stepGroup: GPUBindGroup;
}

/** The dispatches of a program's sections, and what they share. Pure. */
export function planProgram(program: Program, tuning: Tuning) {
  const planner = new DispatchBuilder(tuning);
  for (const tensor of program.tensors)
    if (tensor.role === 'constant' && !tensor.base) planner.placeTensor(tensor);
  const plan = (section: Section) => program.sections[section].flatMap((op) => planOp(op, planner));
  const dispatches: Readonly<Record<Section, readonly Dispatch[]>> = {
    train: plan('train'),
    evaluate: plan('evaluate'),
    prune: plan('prune'),
  };
  return { planner, dispatches };
}

/** Throws BackendError; what had been allocated is freed. */
export async function prepareExecution(
  engine: GpuContext,
  program: Program,
  data: WebGpuData,
  seed: number,
): Promise<WebGpuExecution> {
  const { gpu, buffers, pipelines } = engine;
  const { device } = gpu;
  const { planner, dispatches } = planProgram(program, engine.tuning);
  const [train, evaluate, prune] = await Promise.all([
    pipelines.compile(dispatches.train),
    pipelines.compile(dispatches.evaluate),
    pipelines.compile(dispatches.prune),
    data.ready,
  ]);
  const areas = assignMemory(program, { share: engine.shareMemory });
  let memory: ProgramMemory | undefined;
  try {
    const owned = await gpu.guard('The model', () => {
      memory = new ProgramMemory(buffers, areas, planner, data);
      return memory;
    });
    const bound = await gpu.guard('The program', (): Bound => {
      const ring = new StepRing(program, device.limits.minUniformBufferOffsetAlignment);
      const ringBuffer = owned.create('steps', 'constant', ring.elements, GPUBufferUsage.UNIFORM);
      for (const tensor of program.tensors) {
        if (tensor.role === 'data' || tensor.role === 'constant') continue;
        const values = initialValues(tensor, seed);
        if (values) owned.write(tensor, values);
      }
      return {
        commands: {
          train: bindCommands(device, owned, dispatches.train, train),
          evaluate: bindCommands(device, owned, dispatches.evaluate, evaluate),
          prune: bindCommands(device, owned, dispatches.prune, prune),
        },
        ring,
        ringBuffer,
        stepGroup: bindStep(device, pipelines, ringBuffer, stepUniforms.sizeBytes),
      };
    });
    return new WebGpuExecution(engine, program, owned, bound);
  } catch (error) {
    memory?.destroy();
    throw error;
  }
}

export class WebGpuExecution implements Execution {
  readonly #engine: GpuContext;
  readonly #memory: ProgramMemory;
  readonly #bound: Bound;
  readonly #parameters: readonly Tensor[];
  #checkpoint: ReadonlyMap<Tensor, GPUBuffer> = new Map();
  #checkpointReady: Promise<unknown> = Promise.resolve();

  constructor(engine: GpuContext, program: Program, memory: ProgramMemory, bound: Bound) {
    this.#engine = engine;
    this.#memory = memory;
    this.#bound = bound;
    this.#parameters = program.tensors.filter((tensor) => tensor.role === 'parameter' && !tensor.base);
  }

  /** Encodes RING_STEPS steps a submit: one upload of uniforms, one pass, nothing allocated. */
  run(section: Section, steps: readonly Step[]): void {
    const { device, queue } = this.#engine.gpu;
    const { ring, ringBuffer, stepGroup, commands } = this.#bound;
    const limit = device.limits.maxComputeWorkgroupsPerDimension;
    for (let from = 0; from < steps.length; from += RING_STEPS) {
      const part = steps.slice(from, from + RING_STEPS);
      queue.writeBuffer(ringBuffer, 0, ring.write(part));
      const encoder = device.createCommandEncoder({ label: section });
      const pass = encoder.beginComputePass({ label: section });
      part.forEach((step, i) => {
        pass.setBindGroup(1, stepGroup, [i * ring.stride]);
        for (const command of commands[section]) encodeCommand(pass, command, step, limit);
      });
      pass.end();
      queue.submit([encoder.finish()]);
    }
  }

  async finished(): Promise<void> {
    await this.#checkpointReady;
    await this.#engine.gpu.settle(this.#engine.gpu.queue.onSubmittedWorkDone());
  }

  async read(tensor: Tensor, offset = 0, length?: number): Promise<Float32Array | Uint32Array> {
    const location = this.#memory.locate(tensor);
    const elements = length ?? elementCount(tensor) - offset;
    const bytes = await this.#engine.readback.read(location.buffer, location.offset + offset, elements);
    return tensor.type === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  write(tensor: Tensor, values: Float32Array | Uint32Array, offset = 0): void {
    this.#memory.write(tensor, values, offset);
  }

  save(): void {
    const ready = this.#engine.gpu.guard('The checkpoint', () => {
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

  restore(): void {
    this.#copyCheckpoint((live, copy) => [copy, live]);
  }

  attach(addition: Addition): Promise<Attachment> {
    return attachTo(this.#engine, this.#memory, this.#bound.stepGroup, addition);
  }

  get allocatedBytes(): Execution['allocatedBytes'] {
    const copies = [...this.#checkpoint.values()];
    return { ...this.#memory.bytes, checkpoint: copies.reduce((sum, { size }) => sum + size, 0) };
  }

  /** Dispatches of one step of a section. */
  dispatchesPerStep(section: Section): number {
    return this.#bound.commands[section].length;
  }

  /** Runs one step with GPU time taken around every dispatch. Needs 'timestamp-query'. */
  profile(section: Section, step: Step): Promise<readonly KernelTime[]> {
    const { ring, ringBuffer, stepGroup, commands } = this.#bound;
    this.#engine.gpu.queue.writeBuffer(ringBuffer, 0, ring.write([step]));
    return timeCommands(this.#engine, commands[section], stepGroup, step);
  }

  destroy(): void {
    this.#memory.destroy();
  }

  #copyCheckpoint(direction: (live: GPUBuffer, copy: GPUBuffer) => [from: GPUBuffer, to: GPUBuffer]): void {
    const { device, queue } = this.#engine.gpu;
    const encoder = device.createCommandEncoder({ label: 'checkpoint' });
    for (const [tensor, copy] of this.#checkpoint) {
      const [from, to] = direction(this.#memory.locate(tensor).buffer, copy);
      encoder.copyBufferToBuffer(from, 0, to, 0, copy.size);
    }
    queue.submit([encoder.finish()]);
  }
}
