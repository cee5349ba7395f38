import type { Tensor } from '../../program/tensor.ts';
import { bindStep } from './boundDispatch.ts';
import type { Buffers } from './buffers.ts';
import type { GpuDevice } from './device.ts';
import { DispatchBuilder } from './dispatchBuilder.ts';
import { type Dispatch, gridOf, writeUniforms } from './kernel.ts';
import { linear } from './ops/linear.ts';
import type { Pipelines } from './pipelines.ts';
import { stepUniforms } from './stepRing.ts';
import { tileChoices, type Tiles, type Tuning } from './tuning.ts';

interface TunedDevice {
  readonly gpu: GpuDevice;
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
}

/** [B, in, out] of a layer. */
type Shape = readonly [batch: number, depth: number, columns: number];

export interface Trials {
  readonly shapes: readonly Shape[];
  /** A device that takes longer keeps the first tiles. */
  readonly patienceMs: number;
}

/** A product to time. */
interface Trial {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly grid: readonly [x: number, y: number];
  leastMs: number;
}

/** A small and a large batch through a middle layer of the Kaggle DLRM. */
const usualTrials: Trials = {
  shapes: [
    [128, 512, 256],
    [2048, 512, 256],
  ],
  patienceMs: 60,
};

/** Products in a submit: enough that their time, and not the wait for the queue, is measured. */
const REPEATS = 8;
const ROUNDS = 3;
/** Other tiles than the first must win by more than the noise. */
const CLEARLY = 0.95;

const OWNER = 'tuning';

/**
 * The tiles that multiply fastest here. The choice may differ from one start to the next; results
 * do not, since every element sums over k in the same order (test/browser/backend/matmul.test.ts).
 */
export async function tuneTiles(
  { gpu, buffers, pipelines }: TunedDevice,
  tuning: Tuning,
  { shapes, patienceMs }: Trials = usualTrials,
): Promise<Tiles> {
  const builders = tileChoices.map((tiles) => new DispatchBuilder({ ...tuning, ...tiles }));
  const dispatches = shapes.flatMap((shape) => builders.map((builder) => product(shape, builder)));
  const compiled = await pipelines.compile(dispatches);
  try {
    const trials = await gpu.guard('The choice of tiles', () => {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
      const elements = Math.max(
        ...shapes.flatMap(([batch, depth, columns]) => [batch * depth, depth * columns, batch * columns]),
      );
      const operands = new Map<string, GPUBuffer>();
      for (const name of Object.keys(dispatches[0].kernel.buffers))
        operands.set(name, buffers.create(OWNER, name, elements, usage));
      return dispatches.map((dispatch, i): Trial => {
        const { pipeline, layout } = compiled[i];
        const group = bind(gpu.device, buffers, layout, dispatch, operands);
        const limit = gpu.device.limits.maxComputeWorkgroupsPerDimension;
        const grid = gridOf(dispatch.workgroups as number, limit);
        return { pipeline, group, grid, leastMs: Infinity };
      });
    });
    const ring = buffers.create(OWNER, 'step', stepUniforms.sizeBytes / 4, GPUBufferUsage.UNIFORM);
    const step = bindStep(gpu.device, pipelines, ring, stepUniforms.sizeBytes);
    const begun = performance.now();
    // The first round is not like the others: it is short, and tells whether there is time for them.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const trial of trials) {
        const elapsedMs = await time(gpu, trial, step, round === 0 ? 1 : REPEATS);
        if (round > 0) trial.leastMs = Math.min(trial.leastMs, elapsedMs);
        if (performance.now() - begun > patienceMs && round < 2) return tileChoices[0];
      }
      if (performance.now() - begun > patienceMs) break;
    }
    return fastest(trials);
  } finally {
    buffers.destroyOf(OWNER);
  }
}

/** y = x·W + bias. */
function product([batch, depth, columns]: Shape, builder: DispatchBuilder): Dispatch {
  const weight = tensor('b', depth, columns);
  const [x, bias, y] = [tensor('a', batch, depth), tensor('bias', columns), tensor('y', batch, columns)];
  return linear({ kind: 'linear', x, weight, bias, y, activation: 'relu' }, builder)[0];
}

function tensor(name: string, ...shape: number[]): Tensor {
  const initial = { kind: 'zeros' } as const;
  return { name, shape, type: 'f32', role: 'activation', layer: OWNER, offset: 0, initial };
}

function bind(
  device: GPUDevice,
  buffers: Buffers,
  layout: GPUBindGroupLayout,
  { kernel, sizes, label }: Dispatch,
  operands: ReadonlyMap<string, GPUBuffer>,
): GPUBindGroup {
  const view = new DataView(new ArrayBuffer(kernel.sizes.sizeBytes));
  writeUniforms(kernel.sizes, view, 0, sizes);
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const uniforms = buffers.create(OWNER, 'sizes', kernel.sizes.sizeBytes / 4, usage);
  device.queue.writeBuffer(uniforms, 0, view.buffer);
  const entries = Object.entries(kernel.buffers).map(([name, { binding }]) => ({
    binding,
    resource: { buffer: operands.get(name)! },
  }));
  entries.push({ binding: 0, resource: { buffer: uniforms } });
  return device.createBindGroup({ label, layout, entries });
}

/** Wall-clock time of so many products, since timestamps are coarse where they exist. */
async function time(
  gpu: GpuDevice,
  { pipeline, group, grid }: Trial,
  step: GPUBindGroup,
  repeats: number,
): Promise<number> {
  const encoder = gpu.device.createCommandEncoder({ label: OWNER });
  const pass = encoder.beginComputePass({ label: OWNER });
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.setBindGroup(1, step, [0]);
  for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(...grid);
  pass.end();
  const begun = performance.now();
  gpu.queue.submit([encoder.finish()]);
  await gpu.settle(gpu.queue.onSubmittedWorkDone());
  return performance.now() - begun;
}

/** By the sum of ratios to the first tiles, so that the large shape does not decide alone. */
function fastest(trials: readonly Trial[]): Tiles {
  const choices = tileChoices.length;
  const ratios = tileChoices.map((_, choice) => {
    const own = trials.filter((_trial, i) => i % choices === choice);
    return own.reduce((sum, { leastMs }, shape) => sum + leastMs / trials[shape * choices].leastMs, 0);
  });
  const best = ratios.indexOf(Math.min(...ratios));
  return tileChoices[ratios[best] < CLEARLY * ratios[0] ? best : 0];
}
