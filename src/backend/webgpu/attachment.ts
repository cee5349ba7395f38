import { ownRegions } from '../../program/memory.ts';
import { type Addition, betweenSteps } from '../../program/program.ts';
import { elementCount, type Tensor } from '../../program/tensor.ts';
import type { Attachment } from '../backend.ts';
import { bindDispatches, type BoundDispatch, encodeDispatch, type GpuContext } from './boundDispatch.ts';
import { DispatchBuilder } from './dispatchBuilder.ts';
import { lowerOp } from './lowering.ts';
import { ProgramMemory } from './memory.ts';

/** Throws BackendError; what had been allocated is freed. */
export async function attachTo(
  context: GpuContext,
  parent: ProgramMemory,
  stepGroup: GPUBindGroup,
  { tensors, ops }: Addition,
): Promise<Attachment> {
  const { gpu, buffers, pipelines } = context;
  const builder = new DispatchBuilder(context.tuning);
  const dispatches = ops.flatMap((op) => lowerOp(op, builder));
  const compiled = await pipelines.compile(dispatches);
  let memory: ProgramMemory | undefined;
  try {
    const bound = await gpu.guard('The analysis', () => {
      memory = new ProgramMemory(buffers, ownRegions(tensors), builder, parent);
      return bindDispatches(gpu.device, memory, dispatches, compiled);
    });
    return new WebGpuAttachment(context, memory!, bound, stepGroup);
  } catch (error) {
    memory?.destroy();
    throw error;
  }
}

class WebGpuAttachment implements Attachment {
  readonly #context: GpuContext;
  readonly #memory: ProgramMemory;
  readonly #dispatches: readonly BoundDispatch[];
  readonly #stepGroup: GPUBindGroup;

  constructor(
    context: GpuContext,
    memory: ProgramMemory,
    bound: readonly BoundDispatch[],
    stepGroup: GPUBindGroup,
  ) {
    this.#context = context;
    this.#memory = memory;
    this.#dispatches = bound;
    this.#stepGroup = stepGroup;
  }

  run(): void {
    const { device, queue } = this.#context.gpu;
    const encoder = device.createCommandEncoder({ label: 'analysis' });
    const pass = encoder.beginComputePass({ label: 'analysis' });
    pass.setBindGroup(1, this.#stepGroup, [0]);
    for (const dispatch of this.#dispatches)
      encodeDispatch(pass, dispatch, betweenSteps, device.limits.maxComputeWorkgroupsPerDimension);
    pass.end();
    queue.submit([encoder.finish()]);
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    const { buffer, offset } = this.#memory.locate(tensor);
    return new Float32Array(await this.#context.readback.read(buffer, offset, elementCount(tensor)));
  }

  write(tensor: Tensor, values: Float32Array): void {
    this.#memory.write(tensor, values);
  }

  destroy(): void {
    this.#memory.destroy();
  }
}
