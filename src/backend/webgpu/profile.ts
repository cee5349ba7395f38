import type { Step } from '../../program/program.ts';
import { BackendError } from '../backend.ts';
import { type BoundDispatch, encodeCommand } from './commands.ts';
import type { GpuContext } from './execution.ts';

export interface KernelTime {
  /** Op and tensor: 'linear top.0.out'. */
  readonly label: string;
  readonly gpuMs: number;
}

const OWNER = 'profile';

/** GPU time of every command, each in a pass of its own. Throws BackendError where it cannot be taken. */
export async function timeCommands(
  { gpu, buffers, readback }: GpuContext,
  commands: readonly BoundDispatch[],
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
  const count = 2 * commands.length;
  const querySet = device.createQuerySet({ label: OWNER, type: 'timestamp', count });
  const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
  const resolved = buffers.create(OWNER, 'timestamps', 2 * count, usage);
  const encoder = device.createCommandEncoder({ label: OWNER });
  commands.forEach((command, i) => {
    const pass = encoder.beginComputePass({
      label: command.label,
      timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
    });
    pass.setBindGroup(1, stepGroup, [0]);
    encodeCommand(pass, command, step, device.limits.maxComputeWorkgroupsPerDimension);
    pass.end();
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  device.queue.submit([encoder.finish()]);
  try {
    const nanoseconds = new BigUint64Array(await readback.read(resolved, 0, 2 * count));
    return commands.map(({ label }, i) => ({
      label,
      gpuMs: Number(nanoseconds[2 * i + 1] - nanoseconds[2 * i]) / 1e6,
    }));
  } finally {
    querySet.destroy();
    buffers.destroyOf(OWNER);
  }
}
