import type { KernelTime } from '../backend/webgpu/execution.ts';
import type { BenchmarkCase, ContenderId } from './cases.ts';
import { type Contender, createWorkload, type Workload } from './workload.ts';
import { Entrant } from './entrant.ts';
import { type BenchmarkProgress, type BenchmarkResult, median } from './result.ts';
import type { GpuWatch } from './watchGpu.ts';

export interface BenchmarkOptions {
  /** Interleaved rounds, at least 3: every contender has its turn in each. */
  readonly rounds: number;
  /** A round repeats 20 steps until it has taken about this long. */
  readonly roundMs: number;
  /** Comparing losses ends after this long and a round after a quarter of it, so that steps of 30 seconds end too. */
  readonly patienceMs: number;
}

export interface BenchmarkEnvironment {
  readonly watch: GpuWatch;
  /** The GPU, for people. */
  readonly gpuAdapter: string;
  start(id: ContenderId, workload: Workload): Promise<Contender>;
}

/** Losses are read back, and compared, every so many steps. */
const STEPS_PER_READ = 20;
const WARM_UP = 5;
const PROFILED_STEPS = 3;

/**
 * Two float32 libraries that sum in different orders differ by about 1e-6 of a loss after 20 steps of
 * SGD, and jax-js on wasm by 1e-5 (its exp and log are approximations).
 */
const LOSS_TOLERANCE = 1e-4;

/** Cases whose contenders take turns in the same rounds. */
export interface Series {
  readonly cases: readonly {
    readonly benchmark: BenchmarkCase;
    readonly contenders: readonly ContenderId[];
  }[];
  readonly options: BenchmarkOptions;
}

/** Runs a series in this thread. Never throws for what a contender does. */
export async function runSeries(
  { cases, options }: Series,
  environment: BenchmarkEnvironment,
  report: (progress: BenchmarkProgress) => void,
): Promise<readonly BenchmarkResult[]> {
  const tell = (phase: BenchmarkProgress['phase'], entrant: Entrant, done = 0, total = 1): void =>
    report({ case: entrant.benchmark.name, contender: entrant.id, phase, done, total });
  const entrants: Entrant[] = [];
  for (const { benchmark, contenders } of cases) {
    const workload = createWorkload(benchmark);
    const own = contenders.map((id) => new Entrant(workload, id, environment.watch));
    for (const entrant of own) {
      tell('start', entrant);
      await entrant.start(() => environment.start(entrant.id, workload));
      await runFirstSteps(entrant, options, (done) => tell('compare', entrant, done, STEPS_PER_READ));
    }
    compareLosses(own);
    entrants.push(...own);
  }
  for (const entrant of entrants) {
    tell('profile', entrant);
    await lookInside(entrant, environment.watch);
  }
  for (let round = 0; round < options.rounds; round++) {
    // Whoever comes first finds other caches than the last: everybody takes every place in turn.
    for (let place = 0; place < entrants.length; place++) {
      const entrant = entrants[(round + place) % entrants.length];
      tell('measure', entrant, round, options.rounds);
      await entrant.attempt(async (contender) => {
        entrant.stepMs.push(await timeRound(contender, entrant.stepsPerRound));
      });
    }
  }
  for (const entrant of entrants) entrant.destroy();
  return entrants.map((entrant) => entrant.result(environment.gpuAdapter));
}

/** The first steps one by one, each loss read: warm-up, comparison, and how long a round should be. */
async function runFirstSteps(
  entrant: Entrant,
  { patienceMs, roundMs }: BenchmarkOptions,
  tell: (done: number) => void,
): Promise<void> {
  await entrant.attempt(async (contender) => {
    const start = performance.now();
    const times: number[] = [];
    while (times.length < STEPS_PER_READ) {
      if (times.length > WARM_UP && performance.now() - start > patienceMs) break;
      tell(times.length);
      const before = performance.now();
      entrant.losses.push(await contender.train(1));
      times.push(performance.now() - before);
    }
    entrant.stepsPerRound = chooseSteps(median(times.slice(WARM_UP)), roundMs, patienceMs);
    // Steps without a read between them may run other code for the first time.
    await contender.train(Math.min(WARM_UP, entrant.stepsPerRound));
  });
}

/** A multiple of 20 steps that takes about `roundMs`; fewer than 20 where they would take a quarter of `patienceMs`. */
function chooseSteps(stepMs: number, roundMs: number, patienceMs: number): number {
  const reads = Math.max(1, Math.round(roundMs / (STEPS_PER_READ * Math.max(stepMs, 0.01))));
  const patient = Math.max(1, Math.floor(patienceMs / 4 / stepMs));
  return Math.min(STEPS_PER_READ * reads, patient);
}

/** Compares all with the first that is alive. */
function compareLosses(entrants: readonly Entrant[]): void {
  const [reference, ...others] = entrants.filter((entrant) => entrant.alive);
  if (!reference) return;
  if (!reference.losses.every(Number.isFinite)) reference.disagree('a loss is not a number');
  for (const entrant of others) {
    const steps = Math.min(reference.losses.length, entrant.losses.length);
    const differences = Array.from({ length: steps }, (_, i) =>
      relativeDifference(reference.losses[i], entrant.losses[i]),
    );
    // NaN is larger than any tolerance.
    const agrees = differences.every((difference) => difference <= LOSS_TOLERANCE);
    const largest = Math.max(...differences);
    entrant.lossesAgree = agrees;
    entrant.largestDifference = largest;
    reference.lossesAgree ??= true;
    reference.largestDifference = Math.max(reference.largestDifference ?? 0, largest);
    if (!agrees)
      entrant.disagree(
        `its losses differ from those of ${reference.id} by up to ${largest.toExponential(1)} (relative)`,
      );
  }
}

function relativeDifference(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}

/** Dispatches of a step, and the GPU time of each where the contender can tell. */
async function lookInside(entrant: Entrant, watch: GpuWatch): Promise<void> {
  await entrant.attempt(async (contender) => {
    if (entrant.id.endsWith('/webgpu'))
      entrant.dispatchesPerStep = await watch.countDispatches(() => contender.train(1));
    if (!contender.profile) return;
    const profiles: (readonly KernelTime[])[] = [];
    for (let i = 0; i < PROFILED_STEPS; i++) {
      const profile = await contender.profile();
      if (!profile) return;
      profiles.push(profile);
    }
    entrant.kernels = profiles[0].map(({ label }, k) => ({
      label,
      gpuMs: median(profiles.map((profile) => profile[k].gpuMs)),
    }));
  });
}

/** Milliseconds a step. The loss is read back every 20 steps. */
async function timeRound(contender: Contender, steps: number): Promise<number> {
  const start = performance.now();
  for (let done = 0; done < steps; done += STEPS_PER_READ)
    await contender.train(Math.min(STEPS_PER_READ, steps - done));
  return (performance.now() - start) / steps;
}
