// What a look at the spectrum of a table costs beside training steps, in Node: on the CPU, and through Dawn on the machine's
// Vulkan driver (VK_ICD_FILENAMES picks one).
//   --rows <n>     of the table that is looked at (default 1,000,000)
//   --batch <n>    of the Kaggle DLRM (default 2048)
//   --rounds <n>   of each figure (default 5)
//   --sketch <s>   count-sketch (default) or srht
//   --backend <b>  webgpu or cpu; default both
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { SketchKind } from '../../src/analysis/sketch.ts';
import { createCpuBackend } from '../../src/backend/cpu/backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/backend.ts';
import { createNodeGpu } from '../../src/backend/webgpu/node.ts';
import { benchmarkCases } from '../../src/benchmark/cases.ts';
import { writeBatches } from '../../src/benchmark/dimmer.ts';
import { median } from '../../src/benchmark/result.ts';
import { createWorkload } from '../../src/benchmark/workload.ts';
import { storedBlocks } from '../../src/model/storedBlocks.ts';
import { DeviceRows } from '../../src/training/spectrum/deviceRows.ts';
import { measureField } from '../../src/training/spectrum/measureField.ts';

interface Options {
  readonly rows: number;
  readonly batch: number;
  readonly rounds: number;
  readonly sketch: SketchKind;
  readonly backend: 'cpu' | 'webgpu';
}

/** Steps that training and looking are interleaved over: a look at every tenth. */
const STEPS_A_LOOK = 10;

/**
 * The Kaggle DLRM with one table of so many rows and 25 of 1,000: milliseconds of three steps, of a look alone (two sketches, read
 * back, R and its SVD), and of ten steps without and with a look behind them.
 */
async function timeSpectrum({ rows, batch, rounds, sketch, backend: kind }: Options) {
  const kaggle = benchmarkCases.find(({ name }) => name === 'kaggle-2048-1k')!;
  const cardinalities = kaggle.cardinalities.map((own, field) => (field === 0 ? rows : own));
  const workload = createWorkload({ ...kaggle, batch, cardinalities, distinctIds: 1000 });
  const { program, spec, seed, benchmark } = workload;
  const backend = kind === 'cpu' ? createCpuBackend() : await createWebGpuBackend(await createNodeGpu());
  const data = backend.createData(program.tensors.filter(({ role }) => role === 'data'));
  const slots = writeBatches(workload, (name, offset, values) => data.write(name, offset, values));
  const execution = await backend.prepare(program, data, seed);
  const blocks = storedBlocks(program, spec.allocation).filter(({ field }) => field === 0);
  const counts = Uint32Array.from({ length: rows }, (_, id) => Math.ceil(1e6 / (id + 1)));
  let step = 0;
  const train = (count: number): void => {
    const { learningRate } = benchmark;
    const steps = Array.from({ length: count }, () => {
      const slot = slots[step++ % slots.length];
      return { ...slot, count: batch, learningRate, step, metricSlot: 0 };
    });
    execution.run('train', steps);
  };
  const begunMs = performance.now();
  const opened = await DeviceRows.open(execution, blocks, counts, { sketch });
  const openMs = performance.now() - begunMs;
  const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  const threeSteps = async (): Promise<void> => {
    train(3);
    await execution.read(program.losses, 0, 1);
  };
  const alone = async (): Promise<void> => {
    train(STEPS_A_LOOK);
    await execution.read(program.losses, 0, 1);
  };
  const withLook = async (): Promise<void> => {
    train(STEPS_A_LOOK / 2);
    const seen = measureField(opened, () => Promise.resolve());
    train(STEPS_A_LOOK / 2);
    await execution.read(program.losses, 0, 1);
    await seen;
  };
  const works = {
    threeSteps,
    look: () => measureField(opened, () => Promise.resolve()),
    tenSteps: alone,
    tenStepsAndLook: withLook,
  };
  const times = new Map(Object.keys(works).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++)
    for (const [name, work] of Object.entries(works)) {
      const elapsedMs = await timeOf(work);
      if (round > 0) times.get(name)!.push(elapsedMs);
    }
  const { distortion } = await measureField(opened, () => Promise.resolve());
  opened.close();
  execution.destroy();
  data.destroy();
  const { adapter } = backend;
  backend.destroy();
  const medians = Object.fromEntries([...times].map(([name, own]) => [`${name}Ms`, median(own)]));
  return { backend: kind, adapter, sketch, rows, batch, distortion, openMs, ...medians };
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    batch: { type: 'string', default: '2048' },
    rounds: { type: 'string', default: '5' },
    sketch: { type: 'string', default: 'count-sketch' },
    backend: { type: 'string' },
  },
});
const sketch = values.sketch as SketchKind;
const [rows, batch, rounds] = [values.rows, values.batch, values.rounds].map(Number);
for (const backend of ['webgpu', 'cpu'] as const) {
  if (values.backend && values.backend !== backend) continue;
  const figures = await timeSpectrum({ rows, batch, rounds, sketch, backend });
  console.log(JSON.stringify({ load: loadavg()[0], ...figures }));
}
