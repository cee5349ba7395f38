import { ColumnProfiler } from '../../../src/data/profile/columnProfiler.ts';
import type { ColumnRole, PreviewColumn } from '../../../src/data/source.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { createDimmer, type Dimmer } from '../../../src/app/dimmer.ts';
import type { SideEngineSource } from '../../../src/app/compare/sideEngines.ts';
import type { FileStorage } from '../../../src/app/storage/fileStorage.ts';
import type { RunStorage } from '../../../src/app/storage/runStorage.ts';
import { createPersistentStore } from '../../../src/app/preferences.ts';
import type { QueuedRun } from '../../../src/app/runs/requestedRun.ts';
import type { RunRecord } from '../../../src/app/runs/runRecord.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { noBytes } from '../../../src/program/memory.ts';
import type { EngineChannel, LoaderClient } from '../../../src/worker/client.ts';
import type { InterruptedRun } from '../../../src/worker/checkpoints.ts';
import type { EngineReply, EngineRequest, Failure } from '../../../src/worker/protocol.ts';
import type { Metrics } from '../../../src/metrics/metrics.ts';
import type {
  ResolvedSettings,
  RunResult,
  TrainingEvent,
  TrainingMemory,
} from '../../../src/training/events/events.ts';
import type { MemoryEstimate } from '../../../src/training/plan/planRun.ts';

type PlanRequest = Extract<EngineRequest, { type: 'plan-memory' }>;

/** The other end of the engine's channel, played by the test. */
export class FakeEngine {
  readonly requests: EngineRequest[] = [];
  /** Asked for while the settings rest: apart, since nobody waits for them. */
  readonly plans: PlanRequest[] = [];
  #reply: (reply: EngineReply) => void = () => {};
  #crash: (failure: Failure) => void = () => {};
  readonly #interrupted: readonly InterruptedRun[];

  constructor(interrupted: readonly InterruptedRun[] = []) {
    this.#interrupted = interrupted;
  }

  readonly channel: EngineChannel = {
    post: (request) => {
      if (request.type === 'plan-memory') this.plans.push(request);
      else this.requests.push(request);
    },
    listen: (onReply, onCrash) => {
      this.#reply = onReply;
      this.#crash = onCrash;
      onReply({ type: 'interrupted', runs: this.#interrupted });
    },
  };

  runs(): Extract<EngineRequest, { type: 'run' }>[] {
    return this.requests.filter((request) => request.type === 'run');
  }

  reply(reply: EngineReply): void {
    this.#reply(reply);
  }

  crash(failure: Failure): void {
    this.#crash(failure);
  }

  event(runId: string, event: TrainingEvent): void {
    this.#reply({ type: 'event', runId, event });
  }

  /** Answers the last question about memory. */
  plan(plan = tinyPlan(6000)): void {
    this.#reply({ type: 'memory-plan', request: this.plans.at(-1)!.request, plan });
  }

  start(runId: string, totalSteps = 100): void {
    const { settings } = this.runs().find((request) => request.runId === runId)!;
    this.event(runId, startedEvent(settings, settings.budget ?? 1000, totalSteps));
  }

  resize(runId: string, parameters = 500): void {
    const { settings } = this.runs().find((request) => request.runId === runId)!;
    this.event(runId, resizedEvent(settings, parameters));
  }

  progress(runId: string, firstStep: number, losses: readonly number[], totalSteps = 100): void {
    this.event(runId, {
      kind: 'progress',
      step: firstStep + losses.length - 1,
      totalSteps,
      stepsPerSecond: 50,
      firstStep,
      losses: Float32Array.from(losses),
    });
  }

  evaluate(runId: string, step: number, metrics: Metrics = clickMetrics(0.7)): void {
    this.event(runId, { kind: 'evaluation', split: 'validation', step, metrics, best: true });
  }

  finish(runId: string, changes: Partial<RunResult> = {}, file?: Blob): void {
    const { settings } = this.runs().find((request) => request.runId === runId)!;
    const result = makeResult({ settings: resolve(settings), ...changes });
    this.#reply({ type: 'event', runId, event: { kind: 'finished', result }, file });
  }
}

export const clickMetrics = (auc: number): Metrics => ({
  logLoss: 1.2 - auc,
  auc,
  accuracy: 0.75,
  majorityRate: 0.75,
  normalizedEntropy: 0.9,
  calibration: 1,
});

function resolve(settings: Settings): ResolvedSettings {
  const {
    model,
    optimizer,
    learningRate,
    batch,
    epochs,
    patience,
    evaluateEvery,
    pruneEpochs,
    warmupSteps,
    l2,
    tableInit,
    rankingLoss,
    negatives,
    gradientRank,
    activationBits,
    backend,
    budget,
  } = settings;
  return {
    ...settings,
    budget: budget ?? 1000,
    model: model ?? 'dlrm',
    optimizer: optimizer ?? 'amsgrad',
    rankingLoss: rankingLoss ?? 'bpr',
    negatives: negatives ?? 1,
    learningRate: learningRate ?? 1e-3,
    batch: batch ?? 32,
    epochs: epochs ?? 3,
    patience: patience ?? 3,
    evaluateEvery: evaluateEvery ?? 10,
    pruneEpochs: pruneEpochs ?? 1,
    warmupSteps: warmupSteps ?? 10,
    l2: l2 ?? 0,
    tableInit: tableInit ?? 'xavier',
    gradientRank: gradientRank ?? 0,
    activationBits: activationBits ?? '32',
    backend: backend ?? 'cpu',
  };
}

function summary(parameters: number): RunResult['allocation'] {
  return {
    method: 'mixed-dimension',
    alpha: 0.3,
    baseDim: 8,
    dims: [8, 4],
    embeddingParameters: parameters - 32,
    projectionParameters: 32,
    parameters,
    paperParameters: parameters,
    budget: parameters,
  };
}

type StartedEvent = Extract<TrainingEvent, { readonly kind: 'started' }>;

export const startedEvent = (settings: Settings, parameters: number, totalSteps = 100): StartedEvent => ({
  kind: 'started',
  settings: resolve(settings),
  allocation: summary(parameters),
  spectra: undefined,
  otherParameters: 10,
  memory: tinyMemory,
  totalSteps,
});

export function resizedEvent(settings: Settings, parameters: number, undone = false): TrainingEvent {
  const { kind: _, totalSteps: __, ...size } = startedEvent(settings, parameters);
  return { kind: 'resized', step: 3, ...size, lostEnergy: 0, undone, stages: [] };
}

const bytes = { ...noBytes(), parameter: 4000, activation: 2000, checkpoint: 4000 };

/** Of layers that ask for 7000 bytes. */
const tinyMemory: TrainingMemory = {
  lines: [
    { role: 'parameter', layer: 'embedding', sizeBytes: 4000, exactBytes: 4000 },
    { role: 'activation', layer: 'embedding', sizeBytes: 3000, exactBytes: 3000 },
  ],
  bytes,
  exactBytes: bytes,
  savedBytes: 1000,
  approximated: { activations: [], gradients: [] },
  residentData: true,
};

/** A plan of so many bytes beside the examples; `changes` to what is there else. */
export function tinyPlan(sizeBytes: number, changes: Partial<MemoryEstimate> = {}): MemoryEstimate {
  const own = { ...noBytes(), parameter: sizeBytes - 100, metric: 100, data: 500, checkpoint: 0 };
  const settings = resolve(defaultSettings);
  return { asked: settings, settings, memory: { ...tinyMemory, bytes: own, exactBytes: own }, ...changes };
}

export function makeResult(
  changes: Partial<RunResult> & { readonly parameters?: number; readonly auc?: number } = {},
): RunResult {
  const { parameters = 1000, auc = 0.7, ...rest } = changes;
  return {
    settings: resolve(defaultSettings),
    datasetName: 'tiny',
    task: 'click',
    reason: 'completed',
    allocation: summary(parameters),
    otherParameters: 10,
    bytes: { ...noBytes(), parameter: 4040, checkpoint: 0 },
    askedBytes: 4040,
    peakBytes: 4040,
    metrics: { validation: clickMetrics(auc + 0.01), test: clickMetrics(auc) },
    bestStep: 80,
    steps: 100,
    msPerStep: 2,
    seconds: 0.2,
    backend: 'cpu',
    adapter: 'CPU, plain loops',
    ...rest,
  };
}

export function makeRun(
  id: string,
  changes: Parameters<typeof makeResult>[0] & Partial<RunRecord> = {},
): RunRecord {
  const { name = `Run ${id}`, createdAt = 0, datasetKey = 'tiny', ...rest } = changes;
  const none = { steps: [], values: [] };
  const result = makeResult(rest);
  return {
    id,
    name,
    datasetKey,
    createdAt,
    asked: result.settings,
    result,
    trainLoss: none,
    validationLoss: none,
  };
}

const zipfCounts = (rows: number): Uint32Array =>
  Uint32Array.from({ length: rows }, (_, id) => Math.ceil(200 / (id + 1)));

const makeField = (fieldName: string, rows: number): Dataset['fields'][number] => ({
  name: fieldName,
  cardinality: rows,
  counts: zipfCounts(rows),
  rareId: rows - 1,
});

/** Two fields of 4 and 40 rows, popular rows first. */
export function tinyDataset(name = 'tiny'): Dataset & { readonly fingerprint: string } {
  return {
    name,
    fingerprint: `data of ${name}`,
    format: 'sample',
    task: 'click',
    fields: [makeField('small', 4), makeField('large', 40)],
    numericColumns: [{ name: 'x', transform: { kind: 'log' } }],
    examples: 3,
    splits: {
      train: { start: 0, count: 1 },
      validation: { start: 1, count: 1 },
      test: { start: 2, count: 1 },
    },
    ids: new Uint32Array(6),
    numbers: new Float32Array(3),
    labels: new Float32Array(3),
    labelMean: 0.25,
    bestPossible: { metric: 'auc', value: 0.8 },
    report: {
      linesRead: 3,
      bytesRead: 0,
      skipped: [],
      warnings: [],
      sampled: false,
      minCount: 1,
      splitBy: 'hash',
      elapsedMs: 1,
    },
  };
}

export class MemoryFileStorage implements FileStorage {
  readonly files = new Map<string, Blob>();
  ids(): Promise<readonly string[]> {
    return Promise.resolve([...this.files.keys()]);
  }
  find(id: string): Promise<Blob | undefined> {
    return Promise.resolve(this.files.get(id));
  }
  put(id: string, file: Blob): Promise<readonly string[]> {
    this.files.set(id, file);
    return Promise.resolve([]);
  }
  take(ids: readonly string[]): Promise<ReadonlyMap<string, Blob>> {
    const taken = new Map([...this.files].filter(([id]) => ids.includes(id)));
    for (const id of ids) this.files.delete(id);
    return Promise.resolve(taken);
  }
}

export class MemoryRunStorage implements RunStorage {
  readonly stored = new Map<string, RunRecord>();
  readonly queued = new Map<string, QueuedRun>();
  all(): Promise<readonly RunRecord[]> {
    return Promise.resolve([...this.stored.values()]);
  }
  put(run: RunRecord): Promise<void> {
    this.stored.set(run.id, run);
    return Promise.resolve();
  }
  remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.stored.delete(id);
    return Promise.resolve();
  }
  waiting(): Promise<readonly QueuedRun[]> {
    return Promise.resolve([...this.queued.values()].sort((a, b) => a.queued.order - b.queued.order));
  }
  putWaiting(runs: readonly QueuedRun[]): Promise<void> {
    for (const run of runs) this.queued.set(run.id, run);
    return Promise.resolve();
  }
  removeWaiting(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.queued.delete(id);
    return Promise.resolve();
  }
}

export interface FakeSession {
  readonly dimmer: Dimmer;
  readonly engine: FakeEngine;
  readonly storage: MemoryRunStorage;
  readonly models: MemoryFileStorage;
  readonly predictions: MemoryFileStorage;
}

/** A page with the tiny data set open and its first run asked for. */
export async function openSession(
  changes: Partial<LoaderClient> = {},
  storage = new MemoryRunStorage(),
  models = new MemoryFileStorage(),
  interrupted: readonly InterruptedRun[] = [],
  sideEngines?: SideEngineSource,
): Promise<FakeSession> {
  const engine = new FakeEngine(interrupted);
  const predictions = new MemoryFileStorage();
  const loader: LoaderClient = {
    inspect: () => Promise.reject(new Error('not expected')),
    load: () => Promise.reject(new Error('not expected')),
    sample: (sample) => Promise.resolve(tinyDataset(sample)),
    reopen: () => Promise.reject(new Error('not expected')),
    ...changes,
  };
  const store = createPersistentStore(undefined, new URLSearchParams());
  const dimmer = createDimmer({
    store,
    engine: engine.channel,
    loader,
    runStorage: storage,
    modelStorage: models,
    predictionStorage: predictions,
    ...(sideEngines && { sideEngines }),
  });
  await dimmer.data.openSample('clicks');
  return { dimmer, engine, storage, models, predictions };
}

/** A column of a preview whose values are `cells`. */
export function previewColumn(name: string, role: ColumnRole, cells: readonly string[]): PreviewColumn {
  const profiler = new ColumnProfiler(name, 100);
  for (const cell of cells) profiler.add(cell);
  profiler.close();
  return {
    name,
    role,
    confidence: 'likely',
    reason: 'its values say so',
    transform: role === 'number' ? 'log' : null,
    profile: profiler.describe('.'),
  };
}
