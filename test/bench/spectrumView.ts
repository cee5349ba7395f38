// npm run bench:view: what the spectrum view costs training. Steps a second of one run on the clicks sample, in the page's own
// engine, with a field watched and with none, in turns; and steps a second of the process's CPU time, which does not count what
// else runs on the machine. In Node: on the CPU, and through Dawn on the machine's Vulkan driver (VK_ICD_FILENAMES picks one).
//   --seconds <n>  of a turn (default 6.5: three looks)
//   --rounds <n>   two turns each, open and closed (default 16)
//   --budget <n>   of the run (default: the page's for the sample)
//   --method <m>   default mixed-dimension
//   --exact        reads all rows at every look
//   --backend <b>  webgpu or cpu; default both
import { memoryCheckpoints } from '../support/memoryCheckpoints.ts';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createCpuBackend } from '../../src/backend/cpu/backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/backend.ts';
import { createNodeGpu } from '../../src/backend/webgpu/node.ts';
import { median } from '../../src/benchmark/result.ts';
import { loadSample } from '../../src/data/load.ts';
import { type BackendId, defaultSettings, type MethodId } from '../../src/settings/settings.ts';
import { Engine } from '../../src/worker/engine.ts';

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly budget: number | null;
  readonly method: MethodId;
  readonly exact: boolean;
  readonly backend: BackendId;
}

/** A progress event: `step` steps were done at that moment. */
interface Mark {
  readonly step: number;
  readonly ms: number;
  /** Of the process. */
  readonly cpuMs: number;
}

type Rates = Readonly<Record<'perSecond' | 'perCpuSecond', number>>;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function timeView({ seconds, rounds, budget, method, exact, backend }: Options) {
  const dataset = loadSample('clicks');
  const most = Math.max(...dataset.fields.map(({ cardinality }) => cardinality));
  const field = dataset.fields.findIndex(({ cardinality }) => cardinality === most);
  let marks: Mark[] = [];
  let looks = 0;
  let adapter = '';
  const engine = new Engine({
    post(reply) {
      if (reply.type === 'spectrum') looks++;
      else if (reply.type === 'backend') ({ adapter } = reply.status);
      else if (reply.type === 'failed') throw new Error(reply.failure.message);
      else if (reply.type === 'event' && reply.event.kind === 'progress')
        marks.push({ step: reply.event.step, ms: performance.now(), cpuMs: cpuMs() });
    },
    yieldThread: () => new Promise((resolve) => setImmediate(resolve)),
    cpu: createCpuBackend,
    webgpu: async () => createWebGpuBackend(await createNodeGpu()),
    checkpoints: memoryCheckpoints(),
    checkpointMs: Infinity,
  });
  const settings = {
    ...defaultSettings,
    method,
    budget,
    backend,
    epochs: 1e6,
    evaluateEvery: 1e9,
    patience: 0,
  };
  engine.handle({ type: 'dataset', dataset });
  engine.handle({ type: 'run', note: '', runId: 'view', settings });
  const turn = async (isOpen: boolean): Promise<Rates> => {
    engine.handle({ type: 'monitor-spectrum', query: isOpen ? { field, exact } : null });
    marks = [];
    await pause(1000 * seconds);
    const [first, last] = [marks[0], marks.at(-1)!];
    if (marks.length < 2) throw new Error(`Fewer than two reports in ${seconds} s: give more --seconds.`);
    const steps = last.step - first.step;
    return {
      perSecond: (1000 * steps) / (last.ms - first.ms),
      perCpuSecond: (1000 * steps) / (last.cpuMs - first.cpuMs),
    };
  };
  // Whatever is compiled, is compiled; and the probe is opened once.
  await turn(true);
  const [open, closed]: [Rates[], Rates[]] = [[], []];
  looks = 0;
  for (let round = 0; round < rounds; round++)
    for (const isOpen of round % 2 === 0 ? [false, true] : [true, false])
      (isOpen ? open : closed).push(await turn(isOpen));
  engine.handle({ type: 'cancel' });
  await pause(500);
  const about = (name: keyof Rates) => {
    const [of, without] = [open, closed].map((turns) => turns.map((rates) => rates[name]));
    const ratios = of.map((rate, i) => rate / without[i]);
    return { open: median(of), closed: median(without), ratio: median(ratios), quartiles: quartiles(ratios) };
  };
  return {
    backend,
    adapter,
    rows: most,
    exact,
    looks,
    perSecond: about('perSecond'),
    perCpuSecond: about('perCpuSecond'),
  };
}

function quartiles(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.25, 0.75].map((share) => sorted[Math.floor(share * (sorted.length - 1))]);
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6.5' },
    rounds: { type: 'string', default: '16' },
    budget: { type: 'string' },
    method: { type: 'string', default: defaultSettings.method },
    exact: { type: 'boolean', default: false },
    backend: { type: 'string' },
  },
});
for (const backend of ['cpu', 'webgpu'] as const) {
  if (values.backend && values.backend !== backend) continue;
  const figures = await timeView({
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    budget: values.budget ? Number(values.budget) : null,
    method: values.method as MethodId,
    exact: values.exact,
    backend,
  });
  console.log(JSON.stringify({ load: loadavg()[0], ...figures }));
}
