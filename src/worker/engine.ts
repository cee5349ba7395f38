import { type Backend, BackendError } from '../backend/backend.ts';
import { createCpuBackend } from '../backend/cpu/backend.ts';
import { createWebGpuBackend } from '../backend/webgpu/backend.ts';
import type { Dataset } from '../data/dataset.ts';
import { compressRun } from '../training/weights/compressRun.ts';
import type { TrainingEvent } from '../training/events.ts';
import { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import type { Scheduling } from '../training/loop/pace.ts';
import type { RunMeans } from '../training/loop/prepareRun.ts';
import { REPLACED } from '../training/loop/run.ts';
import { measureSaved } from '../training/spectrum/savedSpectrum.ts';
import { RequestedChanges } from '../training/resize/sizeChanges.ts';
import { SpectrumMonitor, type SpectrumQuery } from '../training/spectrum/spectrumWatch.ts';
import { trainRun } from '../training/train.ts';
import { type BackendMakers, Backends } from './backends.ts';
import { toFailure } from './failure.ts';
import { PauseControl } from './pauseControl.ts';
import { MemoryEstimates } from './memoryEstimates.ts';
import { ModelFile } from './modelFile.ts';
import { ProgressMerger } from './progressMerger.ts';
import type { EngineReply, EngineRequest } from './protocol.ts';

/** What takes the device for itself. */
type RunRequest = Extract<EngineRequest, { type: 'run' | 'compress' }>;
type LookRequest = Extract<EngineRequest, { type: 'look' }>;
type PlanMemoryRequest = Extract<EngineRequest, { type: 'plan-memory' }>;

export interface EngineServices extends BackendMakers {
  post(reply: EngineReply): void;
  /** Lets the thread read its messages. */
  yieldThread(): Promise<void>;
}

const remedy = 'Start the run again; if it happens again, copy the diagnostics and report them.';

/** Owns the data set and the device. One run is trained at a time. */
export class Engine {
  readonly #services: EngineServices;
  readonly #backends: Backends;
  readonly #gate: PauseControl;
  readonly #batchCache = new DeviceBatchesCache();
  readonly #planner = new MemoryEstimates(this.#batchCache);
  #dataset: Dataset | undefined;
  #next: RunRequest | undefined;
  #current: AbortController | undefined;
  /** What the run in progress is asked for. */
  #sizes: { readonly runId: string; readonly changes: RequestedChanges } | undefined;
  #watched: SpectrumQuery | null = null;
  #watch: SpectrumMonitor | undefined;
  #lastPlan = 0;
  #lastLook: LookRequest | undefined;

  constructor(services: EngineServices) {
    this.#services = services;
    this.#backends = new Backends(services, (status) => services.post({ type: 'backend', status }));
    this.#gate = new PauseControl((paused) => services.post({ type: 'paused', paused }));
  }

  /** Opens the device before there is anything to do for it. */
  async start(): Promise<void> {
    await this.#backends.open(null);
  }

  handle(request: EngineRequest): void {
    switch (request.type) {
      case 'dataset':
        this.#dataset = request.dataset;
        this.#next = undefined;
        this.#lastLook = undefined;
        this.#look(null);
        this.#end(REPLACED);
        break;
      case 'run':
      case 'compress':
        this.#next = request;
        this.#end(REPLACED);
        this.#gate.resume();
        if (!this.#current) void this.#work();
        break;
      case 'plan-memory':
        void this.#planMemory(request);
        break;
      case 'change-size':
        if (this.#sizes?.runId === request.runId) this.#sizes.changes.request(request.change);
        break;
      case 'watch':
        this.#look(request.watched);
        break;
      case 'look':
        void this.#lookAtSaved(request);
        break;
      case 'cancel':
        this.#next = undefined;
        this.#end(REPLACED);
        this.#gate.resume();
        break;
      case 'pause':
        if (this.#current) this.#gate.pause();
        break;
      case 'resume':
        this.#gate.resume();
        break;
      case 'step':
        if (this.#current) this.#gate.allowStep();
        break;
      case 'stop':
        this.#end('stopped');
    }
  }

  #look(watched: SpectrumQuery | null): void {
    this.#watched = watched;
    this.#watch?.watch(watched);
  }

  async #lookAtSaved(request: LookRequest): Promise<void> {
    const { post, yieldThread } = this.#services;
    this.#lastLook = request;
    if (!this.#dataset) return;
    const { runId, model, watched } = request;
    const isOver = (): boolean => this.#lastLook !== request;
    const picture = await measureSaved(model, watched, this.#dataset, { yieldThread, isOver });
    if (picture && !isOver()) post({ type: 'spectrum', runId, picture });
  }

  #end(reason: string): void {
    this.#current?.abort(reason);
    this.#gate.wake();
  }

  /** Trains until nothing more is asked for. */
  async #work(): Promise<void> {
    while (this.#next) {
      const request = this.#next;
      this.#next = undefined;
      const abort = new AbortController();
      this.#current = abort;
      await this.#train(request, abort.signal);
      // A run that was replaced leaves the gate as the next one's messages have set it.
      if (abort.signal.reason !== REPLACED) this.#gate.resume();
    }
    this.#current = undefined;
  }

  async #train(request: RunRequest, signal: AbortSignal): Promise<void> {
    const { post, yieldThread } = this.#services;
    const { runId } = request;
    const model = new ModelFile();
    const progress = new ProgressMerger((event) => {
      const isModel = event.kind === 'finished' || event.kind === 'compressed';
      post({ type: 'event', runId, event, ...(isModel && { file: model.take() }) });
    });
    const pace: Scheduling = { sliceSteps: null, owesEvents: true, yieldThread };
    let backend: Backend | undefined;
    try {
      const dataset = this.#dataset;
      if (!dataset) throw new Error('There is no data set to train on.');
      backend = await this.#backends.open(
        request.type === 'run' ? request.settings.backend : request.backend,
      );
      const means = { dataset, backend, batchCache: this.#batchCache, signal, pace, onTrained: model.keep };
      const events = this.#begin(request, means);
      for (;;) {
        if (this.#gate.isPaused && !pace.owesEvents) progress.flush();
        await this.#gate.pass(() => signal.aborted || pace.owesEvents);
        const isStep = this.#gate.isPaused && !pace.owesEvents;
        pace.sliceSteps = this.#gate.isPaused ? 1 : null;
        const { value: event, done } = await events.next();
        if (done) break;
        progress.add(event);
        if (isStep && event.kind === 'progress') this.#gate.stepTaken();
      }
      progress.flush();
      if (request.type === 'compress') post({ type: 'compression-ended', runId });
    } catch (error) {
      progress.flush();
      post({ type: 'failed', runId, failure: toFailure(error, remedy) });
      if (backend && error instanceof BackendError) this.#discard(backend);
    }
  }

  #begin(request: RunRequest, means: RunMeans): AsyncGenerator<TrainingEvent, void, void> {
    if (request.type === 'compress') return compressRun(request.file, request.compression, means);
    const { runId, settings } = request;
    const sizes = new RequestedChanges();
    this.#sizes = { runId, changes: sizes };
    const { post } = this.#services;
    const watch = new SpectrumMonitor(this.#watched, (picture) => post({ type: 'spectrum', runId, picture }));
    this.#watch = watch;
    return trainRun({ ...means, settings, sizes, watch });
  }

  async #planMemory({ request, settings, changes }: PlanMemoryRequest): Promise<void> {
    const { post, yieldThread } = this.#services;
    this.#lastPlan = request;
    const fail = (error: unknown): void =>
      post({ type: 'no-memory-plan', request, failure: toFailure(error, remedy) });
    let means: { readonly dataset: Dataset; readonly backend: Backend };
    try {
      const backend = await this.#backends.open(settings.backend);
      if (!this.#dataset) throw new Error('There is no data set to train on.');
      means = { dataset: this.#dataset, backend };
    } catch (error) {
      return fail(error);
    }
    try {
      post({ type: 'memory-plan', request, plan: this.#planner.plan({ settings, ...means }) });
    } catch (error) {
      fail(error);
    }
    const totals: (number | null)[] = [];
    for (const change of changes) {
      await yieldThread();
      if (this.#lastPlan !== request) return;
      totals.push(this.#planner.total({ settings: { ...settings, ...change }, ...means }));
    }
    post({ type: 'memory-changes', request, totals });
  }

  /** What a device holds after an error cannot be trusted. */
  #discard(backend: Backend): void {
    this.#batchCache.destroy();
    this.#backends.discard(backend);
  }
}

/** A task of its own, without the 4 ms that nested timers wait. */
function createYieldThread(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  // A run and a plan may both wait, each for a message of its own.
  const waiting: (() => void)[] = [];
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}

/** WebGPU on an adapter that is worth it, or on any. Rejects with BackendError. */
async function openWebGpu(allowSoftware: boolean): Promise<Backend> {
  const backend = await createWebGpuBackend(navigator.gpu);
  if (allowSoftware || !backend.software) return backend;
  backend.destroy();
  throw new BackendError(
    'no-adapter',
    `The browser offers only a software graphics adapter, ${backend.adapter}, and the CPU backend is faster.`,
    'Turn on hardware acceleration in the browser’s settings and update the graphics driver, or choose WebGPU as the backend to use it all the same.',
  );
}

// In a worker; in tests there is no such scope and the class is used by itself.
if (typeof WorkerGlobalScope !== 'undefined' && self instanceof WorkerGlobalScope) {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  const engine = new Engine({
    post: (reply) => scope.postMessage(reply, []),
    yieldThread: createYieldThread(),
    cpu: createCpuBackend,
    webgpu: openWebGpu,
  });
  scope.addEventListener('message', ({ data }: MessageEvent<EngineRequest>) => engine.handle(data));
  void engine.start();
}
