import { type AllocatedBytes, noBytes } from '../../program/allocatedBytes.ts';
import { useOf } from '../../program/ledger.ts';
import { assignMemory } from '../../program/memoryAreas.ts';
import type { Program } from '../../program/program.ts';
import { bufferBytes } from './buffers.ts';
import { placeSizes } from './commands.ts';
import { type GpuContext, planProgram } from './execution.ts';
import { StepRing } from './stepRing.ts';

/**
 * The buffers of an execution, its data and its checkpoint, before there are any: every area of the
 * plan but the constants, which share one; the kernels' scratch; the uniforms of steps and of dispatches.
 */
export function footprintOf(
  program: Program,
  { gpu, tuning, shareMemory }: Pick<GpuContext, 'gpu' | 'tuning' | 'shareMemory'>,
): AllocatedBytes {
  const alignment = gpu.device.limits.minUniformBufferOffsetAlignment;
  const { planner, dispatches } = planProgram(program, tuning);
  const bytes = noBytes();
  for (const area of assignMemory(program, { share: shareMemory })) {
    const use = useOf(area);
    if (use !== 'constant') bytes[use] += bufferBytes(area.elements);
  }
  bytes.scratch = bufferBytes(planner.scratchElements);
  bytes.constant = bufferBytes(planner.constants.length);
  bytes.constant += bufferBytes(new StepRing(program, alignment).elements);
  for (const section of Object.values(dispatches))
    bytes.constant += bufferBytes(placeSizes(section, alignment).sizeBytes / 4);
  return { ...bytes, checkpoint: bytes.parameter };
}
