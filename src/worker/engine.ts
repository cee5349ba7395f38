import { type Backend, BackendError } from '../backend/backend.ts';
import { createCpuBackend } from '../backend/cpu/backend.ts';
import { createWebGpuBackend } from '../backend/webgpu/backend.ts';
import type { Dataset, StoredDataset } from '../data/dataset.ts';
import { openStored } from '../data/stored/datasetFile.ts';
import type { OpenDataset, ReadableDataset } from '../data/stored/exampleReader.ts';
import { OpfsStorage } from '../data/stored/opfsStorage.ts';
import type { TrainingEvent } from '../training/events/events.ts';
import { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import { REPLACED, type RunControl } from '../training/loop/run.ts';
import { measureSaved } from '../training/spectrum/savedRows.ts';
import { RequestedChanges } from '../training/resize/sizeChanges.ts';
import { SpectrumMonitor } from '../training/spectrum/spectrumMonitor.ts';
import { StopAtStep } from '../training/checkpoint/stopAtStep.ts';
import { type TrainOptions, trainRun } from '../training/train.ts';
import { addVocabulary } from '../training/weights/vocabulary.ts';
import { type BackendMakers, Backends } from './backends.ts';
import { type CheckpointFiles, Checkpoints } from './checkpoints.ts';
import { storedCheckpointFiles } from './checkpointFiles.ts';
import { toFailure } from './failure.ts';
import { HeldDataset } from './heldDataset.ts';
import { PauseControl } from './pauseControl.ts';
import { readMemoryLimits } from './memoryLimits.ts';
import { PlanAnswers, type PlanServices } from './planAnswers.ts';
import { inspectRun } from './inspectRun.ts';
import { RunReporter } from './runReporter.ts';
import type { BackendStatus, EngineRequest, Failure } from './protocol.ts';
import type { BackendId } from '../settings/settings.ts';
import { type CompressionRequest, compressRun } from '../training/compress/compressTrained.ts';
import type { SpectrumQuery } from '../training/spectrum/fieldReport.ts';

/** The requests that need the device for themselves. */
type RunRequest = Extract<EngineRequest, { type: 'run' | 'compress' }>;
type MeasureRequest = Extract<EngineRequest, { type: 'measure-saved' }>;
type InspectRequest = Extract<EngineRequest, { type: 'inspect' }>;

export interface EngineServices extends BackendMakers, PlanServices {
  /** Opens a data set that lies in a file. Rejects with DataError. Left out: there are no files. */
  readonly openStored?: (file: string) => Promise<OpenDataset>;
  readonly checkpoints: CheckpointFiles;
  /** Least time between two checkpoints. */
  readonly checkpointMs: number;
}

const remedy = 'Start the run again; if it happens again, copy the diagnostics and report them.';

/** Owns the data set and the device. One run is trained at a time. */
export class Engine {
  readonly #services: EngineServices;
  readonly #backends: Backends;
  readonly #checkpoints: Checkpoints;
  readonly #pause: PauseControl;
  readonly #batchCache = new DeviceBatchesCache();
  readonly #data: HeldDataset;
  readonly #answers: PlanAnswers;
  #next: RunRequest | undefined;
  #current: AbortController | undefined;
  /** The changes of size that the run in progress is asked for. */
  #sizes: { readonly runId: string; readonly changes: RequestedChanges } | undefined;
  /** The backend that the last run asked for. */
  #asked: BackendId | null = null;
  #query: SpectrumQuery | null = null;
  #monitor: SpectrumMonitor | undefined;
  #lastMeasured: MeasureRequest | undefined;

  constructor(services: EngineServices) {
    this.#services = services;
    this.#data = new HeldDataset(services.openStored);
    const reportBackend = (status: BackendStatus): void => services.post({ type: 'backend', status });
    this.#backends = new Backends(services, reportBackend, () => this.#replaceIdleDevice());
    this.#checkpoints = new Checkpoints(services.checkpoints, services.checkpointMs, (error) =>
      services.post({ type: 'no-checkpoints', failure: noCheckpoints(error) }),
    );
    this.#answers = new PlanAnswers(services, this.#backends, this.#data, this.#batchCache);
    this.#pause = new PauseControl((paused) => services.post({ type: 'paused', paused }));
  }

  /** Opens the device early, before there is anything to train. */
  async start(): Promise<void> {
    await this.#backends.open(null);
  }

  /** Says once which runs closed tabs have left. */
  async findInterrupted(): Promise<void> {
    const runs = await this.#checkpoints.interrupted();
    this.#services.post({ type: 'interrupted', runs });
  }

  /** A run in progress finds out by itself. */
  #replaceIdleDevice(): void {
    if (!this.#current) void this.#backends.reopen(this.#asked);
  }

  handle(request: EngineRequest): void {
    switch (request.type) {
      case 'dataset':
        this.#data.replace(request.dataset);
        if (!this.#current) this.#data.closeReplaced();
        this.#next = undefined;
        this.#lastMeasured = undefined;
        this.#monitorSpectrum(null);
        this.#end(REPLACED);
        break;
      case 'run':
      case 'compress':
        this.#next = request;
        this.#end(REPLACED);
        this.#pause.resume();
        if (!this.#current) void this.#work();
        break;
      case 'plan-memory':
        void this.#answers.planMemory(request);
        break;
      case 'find-lengths':
        void this.#answers.tellLengths(request.settings);
        break;
      case 'find-room':
        void this.#answers.findRoom(request.settings);
        break;
      case 'share-dataset':
        this.#shareDataset(request.port);
        break;
      case 'adopt-dataset':
        request.port.addEventListener('message', ({ data }: MessageEvent<Dataset | StoredDataset>) => {
          this.handle({ type: 'dataset', dataset: data });
          this.#services.post({ type: 'adopted' });
          request.port.close();
        });
        request.port.start();
        break;
      case 'change-size':
        if (this.#sizes?.runId === request.runId) this.#sizes.changes.request(request.change);
        break;
      case 'monitor-spectrum':
        this.#monitorSpectrum(request.query);
        break;
      case 'measure-saved':
        void this.#measureSaved(request);
        break;
      case 'inspect':
        void this.#inspect(request);
        break;
      case 'complete-model':
        void this.#completeModel(request);
        break;
      case 'forget-checkpoints':
        for (const runId of request.runIds) void this.#checkpoints.forget(runId);
        break;
      case 'cancel':
        this.#next = undefined;
        this.#end(REPLACED);
        this.#pause.resume();
        break;
      case 'pause':
        if (this.#current) this.#pause.pause();
        break;
      case 'resume':
        this.#pause.resume();
        break;
      case 'step':
        if (this.#current) this.#pause.allowStep();
        break;
      case 'stop':
        this.#end('stopped');
    }
  }

  #monitorSpectrum(query: SpectrumQuery | null): void {
    this.#query = query;
    this.#monitor?.setQuery(query);
  }

  async #measureSaved(request: MeasureRequest): Promise<void> {
    const { post, yieldThread } = this.#services;
    this.#lastMeasured = request;
    if (!this.#data.sent) return;
    const { runId, model, query } = request;
    const isOver = (): boolean => this.#lastMeasured !== request;
    const snapshot = await measureSaved(model, query, this.#data.sent, { yieldThread, isOver });
    if (snapshot && !isOver()) post({ type: 'spectrum', runId, snapshot });
  }

  async #inspect(request: InspectRequest): Promise<void> {
    const { post, yieldThread } = this.#services;
    const { sent } = this.#data;
    const dataset = await this.#data.opened().catch(() => undefined);
    const inspection = dataset ? await inspectRun(dataset, request, yieldThread) : null;
    if (sent === this.#data.sent) post({ type: 'inspection', runId: request.runId, inspection });
  }

  async #completeModel({ runId, file }: Extract<EngineRequest, { type: 'complete-model' }>): Promise<void> {
    const { post } = this.#services;
    try {
      const { fields } = await this.#data.opened();
      post({ type: 'whole-model', runId, file: await addVocabulary(file, fields) });
    } catch (error) {
      post({ type: 'no-whole-model', runId, failure: toFailure(error, remedy) });
    }
  }

  #end(reason: string): void {
    this.#current?.abort(reason);
    this.#pause.wake();
  }

  /** Trains one run after another until nothing more is asked for. */
  async #work(): Promise<void> {
    while (this.#next) {
      const request = this.#next;
      this.#next = undefined;
      const abort = new AbortController();
      this.#current = abort;
      await this.#train(request, abort.signal);
      // After a replaced run, the pause is already as the next run's messages have set it.
      if (abort.signal.reason !== REPLACED) this.#pause.resume();
    }
    this.#current = undefined;
    this.#data.closeReplaced();
  }

  async #train(request: RunRequest, signal: AbortSignal): Promise<void> {
    const { post, yieldThread } = this.#services;
    const { runId } = request;
    const reporter = new RunReporter((event, file) =>
      post({ type: 'event', runId, event, ...(file && { file }) }),
    );
    const pause = this.#pause;
    const scheduling = {
      allowedSteps: () => pause.allowedSteps(),
      take: (steps: number) => pause.take(steps),
      waitForSteps: () => {
        reporter.flush();
        return pause.wait(() => signal.aborted);
      },
      yieldThread,
    };
    const asked = request.type === 'run' ? request.settings.backend : request.backend;
    this.#asked = asked;
    let backend: Backend | undefined;
    try {
      const dataset = await this.#data.opened();
      backend = await this.#backends.open(asked);
      const control = { scheduling, signal, onTrained: reporter.keepModel };
      const course = this.#beginner(request, dataset, control);
      let hasFinished = false;
      for (let isOver = false; !isOver;) {
        try {
          const device = { dataset, backend, batchCache: this.#batchCache, memory: this.#services.memory };
          for await (const event of await course(device)) {
            reporter.add(event);
            hasFinished ||= event.kind === 'finished';
          }
          isOver = true;
        } catch (error) {
          const isLost = error instanceof BackendError && error.failure === 'lost';
          if (!isLost) throw error;
          this.#batchCache.destroy();
          this.#backends.lose(backend);
          if (signal.reason === REPLACED) break;
          reporter.flush();
          post({ type: 'recovering', runId, failure: toFailure(error, remedy) });
          backend = await this.#backends.reopen(asked);
        }
      }
      reporter.flush();
      if (request.type === 'run' && !hasFinished) post({ type: 'ended-early', runId });
      if (request.type === 'compress') post({ type: 'compression-ended', runId });
      if (signal.reason === REPLACED) await this.#checkpoints.forget(runId);
    } catch (error) {
      reporter.flush();
      post({ type: 'failed', runId, failure: toFailure(error, remedy) });
      if (backend && error instanceof BackendError) this.#discard(backend);
      await this.#checkpoints.forget(runId);
    }
  }

  /** Begins a run on a device, or goes on with it there: a run of which there is a checkpoint goes on from the last one. */
  #beginner(
    request: RunRequest,
    dataset: ReadableDataset,
    control: RunControl,
  ): (device: CompressionRequest) => Promise<AsyncGenerator<TrainingEvent, void, void>> {
    if (request.type === 'compress')
      return async (device) => compressRun(request.file, request.compression, device, control);
    const { runId, settings, note, untilStep } = request;
    if (untilStep !== undefined)
      return async (device) => this.#trainUntil(untilStep, { ...device, ...control, settings });
    const { post, yieldThread } = this.#services;
    let sizes: RequestedChanges | undefined;
    return async (device) => {
      const from = await this.#checkpoints.last(runId, dataset);
      sizes ??= new RequestedChanges(from?.changes.taken);
      this.#sizes = { runId, changes: sizes };
      const monitor = new SpectrumMonitor(
        this.#query,
        (snapshot) => post({ type: 'spectrum', runId, snapshot }),
        yieldThread,
      );
      this.#monitor = monitor;
      const checkpoints = this.#checkpoints.keeperOf(runId, dataset, note);
      return trainRun({ ...device, ...control, settings, sizes, monitor, checkpoints, from });
    };
  }

  /** Nothing is kept of a run that is left on its way but what was measured. */
  #trainUntil(step: number, run: TrainOptions): AsyncGenerator<TrainingEvent, void, void> {
    const stop = new StopAtStep(step, REPLACED);
    const signals = run.signal ? [run.signal, stop.signal] : [stop.signal];
    return trainRun({ ...run, signal: AbortSignal.any(signals), checkpoints: stop });
  }

  /** Whoever waits at the other end hears nothing where there is no memory for a copy: then no other engine takes part. */
  #shareDataset(port: MessagePort): void {
    try {
      port.postMessage(this.#data.sent);
    } catch {
      port.close();
    }
  }

  /** Discards a device after an error, because what it holds cannot be trusted. */
  #discard(backend: Backend): void {
    this.#batchCache.destroy();
    this.#backends.discard(backend);
  }
}

function noCheckpoints(error: unknown): Failure {
  const { message = String(error) } = error as { message?: string };
  return {
    name: 'StorageError',
    message: `This browser keeps no checkpoints of runs: ${message}`,
    remedy:
      'Runs go on after a lost GPU, but not after the tab is closed or reloaded. Leave the private window, or free some disk.',
  };
}

/** Yields by a message to itself, because nested timers would wait for at least 4 ms. */
function createYieldThread(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  // A run and an estimate may both wait, each for a message of its own.
  const waiting: (() => void)[] = [];
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}

/** Opens WebGPU on a hardware adapter, or on any if `allowSoftware`. Rejects with BackendError. */
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

// Runs in a worker only. Tests have no such scope and use the class by itself.
if (typeof WorkerGlobalScope !== 'undefined' && self instanceof WorkerGlobalScope) {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  const engine = new Engine({
    post: (reply) => scope.postMessage(reply, []),
    yieldThread: createYieldThread(),
    memory: readMemoryLimits(),
    cpu: createCpuBackend,
    webgpu: openWebGpu,
    openStored: (file) => openStored(new OpfsStorage(), file),
    checkpoints: storedCheckpointFiles,
    checkpointMs: 15_000,
  });
  scope.addEventListener('message', ({ data }: MessageEvent<EngineRequest>) => engine.handle(data));
  void engine.start();
  void engine.findInterrupted();
}
