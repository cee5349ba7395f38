import type { Step } from '../../program/program.ts';
import type { Buffers, Readback } from './buffers.ts';
import type { GpuDevice } from './device.ts';
import { type Dispatch, gridOf, writeUniforms } from './kernel.ts';
import type { ProgramMemory } from './memory.ts';
import type { CompiledKernel, Pipelines } from './pipelines.ts';
import type { Tuning } from './tuning.ts';

/** What all executions of a backend share. */
export interface GpuContext {
  readonly gpu: GpuDevice;
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
  readonly readback: Readback;
  readonly tuning: Tuning;
  readonly shareMemory: boolean;
}

/** A dispatch with its GPU objects: what a step sets and runs. */
export interface BoundDispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: number | ((step: Step) => number);
}

/** Binds dispatches to buffers, with the sizes of all of them in one uniform buffer. */
export function bindDispatches(
  device: GPUDevice,
  memory: ProgramMemory,
  dispatches: readonly Dispatch[],
  compiled: readonly CompiledKernel[],
): readonly BoundDispatch[] {
  const { offsets, sizeBytes } = placeSizes(dispatches, device.limits.minUniformBufferOffsetAlignment);
  const view = new DataView(new ArrayBuffer(sizeBytes));
  dispatches.forEach(({ kernel, sizes }, i) => writeUniforms(kernel.sizes, view, offsets[i], sizes));
  const uniforms = memory.create('sizes', 'constant', sizeBytes / 4, GPUBufferUsage.UNIFORM);
  device.queue.writeBuffer(uniforms, 0, view.buffer);

  return dispatches.map(({ label, kernel, operands, workgroups }, i) => {
    const { pipeline, layout } = compiled[i];
    const size = kernel.sizes.sizeBytes;
    const entries: GPUBindGroupEntry[] = [
      { binding: 0, resource: { buffer: uniforms, offset: offsets[i], size } },
    ];
    for (const [name, { binding }] of Object.entries(kernel.buffers))
      entries.push({ binding, resource: { buffer: memory.bufferOf(operands[name]) } });
    return { label, pipeline, group: device.createBindGroup({ label, layout, entries }), workgroups };
  });
}

/** Byte offsets of every dispatch's sizes in one uniform buffer. */
export function placeSizes(dispatches: readonly Dispatch[], alignment: number) {
  let sizeBytes = 0;
  const offsets = dispatches.map(({ kernel }) => {
    const offset = sizeBytes;
    sizeBytes += Math.ceil(kernel.sizes.sizeBytes / alignment) * alignment;
    return offset;
  });
  return { offsets, sizeBytes };
}

/** The group of the step, shared by all dispatches of an execution. */
export function bindStep(device: GPUDevice, pipelines: Pipelines, ring: GPUBuffer, size: number) {
  const entries = [{ binding: 0, resource: { buffer: ring, size } }];
  return device.createBindGroup({ label: 'step', layout: pipelines.stepLayout, entries });
}

/** Encodes one dispatch; nothing when the step has no work for it. */
export function encodeDispatch(
  pass: GPUComputePassEncoder,
  { pipeline, group, workgroups }: BoundDispatch,
  step: Step,
  limit: number,
): void {
  const count = typeof workgroups === 'number' ? workgroups : workgroups(step);
  if (count === 0) return;
  const [x, y] = gridOf(count, limit);
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(x, y);
}
