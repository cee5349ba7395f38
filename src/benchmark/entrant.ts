import { BackendError } from '../backend/backend.ts';
import type { KernelTime } from '../backend/webgpu/execution.ts';
import type { BenchmarkCase, ContenderId } from './cases.ts';
import type { Contender, Workload } from './workload.ts';
import { type BenchmarkResult, median, type Outcome } from './result.ts';
import type { GpuWatch } from './watchGpu.ts';
import { workOf } from './work.ts';

/** A contender in a case, from its start to its result. Its first error ends it. */
export class Entrant {
  readonly benchmark: BenchmarkCase;
  readonly id: ContenderId;
  readonly #work: BenchmarkResult['work'];
  readonly losses: number[] = [];
  /** Mean time of a step in each round. */
  readonly stepMs: number[] = [];
  stepsPerRound = 0;
  dispatchesPerStep: number | null = null;
  kernels: readonly KernelTime[] | null = null;
  lossesAgree: boolean | null = null;
  largestDifference: number | null = null;
  startMs = 0;
  #allocatedBytes: number | null = null;
  #contender: Contender | undefined;
  #version = '';
  #outcome: Outcome = 'measured';
  #message: string | null = null;
  readonly #watch: GpuWatch;

  constructor({ benchmark, program, batches }: Workload, id: ContenderId, watch: GpuWatch) {
    this.benchmark = benchmark;
    this.#work = workOf(program.sections.train, batches[0].ids);
    this.id = id;
    this.#watch = watch;
  }

  /** The owner of its devices, for the watch. */
  get #name(): string {
    return `${this.benchmark.name} ${this.id}`;
  }

  get alive(): boolean {
    return this.#contender !== undefined;
  }

  async start(make: () => Promise<Contender>): Promise<void> {
    this.#watch.own(this.#name);
    const before = performance.now();
    try {
      this.#contender = await make();
      this.#version = this.#contender.version;
      this.#allocatedBytes = this.#contender.allocatedBytes ?? null;
      this.startMs = performance.now() - before;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Runs `work` if the contender is alive; undefined if it was not, or is not any more. */
  async attempt<T>(work: (contender: Contender) => Promise<T>): Promise<T | undefined> {
    if (!this.#contender) return undefined;
    try {
      const result = await work(this.#contender);
      await this.#watch.settled(this.#name);
      const [error] = this.#watch.errorsOf(this.#name);
      if (error) throw error;
      return result;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Its losses are not those of the others. */
  disagree(message: string): void {
    this.#end('disagrees', message);
  }

  destroy(): void {
    this.#contender?.destroy();
    this.#contender = undefined;
  }

  result(gpuAdapter: string): BenchmarkResult {
    const { benchmark } = this;
    const [library, backend] = this.id.split('/');
    const times = this.#outcome === 'measured' && this.stepMs.length > 0 ? this.stepMs : null;
    return {
      case: benchmark.name,
      library,
      backend,
      batch: benchmark.batch,
      rows: Math.max(...benchmark.cardinalities),
      medianMs: times && median(times),
      minMs: times && Math.min(...times),
      maxMs: times && Math.max(...times),
      lossesAgree: this.lossesAgree,
      adapter: backend === 'webgpu' ? gpuAdapter : 'CPU',
      version: this.#version,
      outcome: this.#outcome,
      message: this.#message,
      stepsCompared: this.losses.length,
      largestDifference: this.largestDifference,
      rounds: this.stepMs.length,
      stepsPerRound: this.stepsPerRound,
      work: this.#work,
      dispatchesPerStep: this.dispatchesPerStep,
      startMs: this.startMs,
      allocatedBytes: this.#allocatedBytes,
      kernels: this.kernels,
    };
  }

  #fail(error: unknown): void {
    // An uncaptured error often comes before the exception that follows from it, and says more.
    const cause = this.#watch.errorsOf(this.#name)[0] ?? error;
    this.#end(isOutOfMemory(cause) ? 'does not fit' : 'failed', messageOf(cause));
  }

  #end(outcome: Outcome, message: string): void {
    this.#outcome = outcome;
    this.#message = message;
    try {
      this.destroy();
    } catch {
      // What is broken may not be destroyed cleanly; its device or its worker goes with the case.
      this.#contender = undefined;
    }
  }
}

/** The ways in which browsers and libraries say that something is too large. */
function isOutOfMemory(error: unknown): boolean {
  if (error instanceof BackendError) return error.failure === 'out-of-memory' || error.failure === 'limit';
  const name = (error as object | null)?.constructor.name;
  if (name === 'GPUOutOfMemoryError') return true;
  return /out of memory|allocation (failed|exceeds)|dispatch size exceeds|(larger than|exceeds) the max|invalid (typed )?array (buffer )?length|grow memory/i.test(
    messageOf(error),
  );
}

function messageOf(error: unknown): string {
  return (error as { readonly message?: string } | null)?.message ?? String(error);
}
