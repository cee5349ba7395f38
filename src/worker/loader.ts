import type { Dataset } from '../data/dataset.ts';
import { inspect, load, loadSample } from '../data/load.ts';
import { defaultLoadOptions, type LoadResources, openFileSet } from '../data/source.ts';
import { fingerprintOf } from '../data/fingerprint.ts';
import { openEncoderThreads } from './encoderThreads.ts';
import { OpfsStorage } from '../data/stored/opfsStorage.ts';
import type { DatasetStorage } from '../data/stored/storage.ts';
import { notThere } from '../data/stored/storageErrors.ts';
import { toFailure } from './failure.ts';
import { keepDataset, reopenKept } from './keepDataset.ts';
import { readMemoryLimits, usualLimits } from './memoryLimits.ts';
import type { LoadedDataset, LoaderReply, LoaderRequest } from './protocol.ts';

/** Least time between two progress messages: 10 a second at most. */
const progressIntervalMs = 100;

/** The part of a worker's global scope that the loader needs. */
export interface LoaderPort {
  postMessage(reply: LoaderReply, transfer: Transferable[]): void;
}

/** Answers requests one at a time. Each cancels the one before, which then ends with 'cancelled'. */
export class LoaderWorker {
  readonly #port: LoaderPort;
  readonly #resources: LoadResources;
  readonly #storage: DatasetStorage | undefined;
  #abort = new AbortController();

  /** `storage`: where what was loaded from files is kept; left out: nowhere. */
  constructor(port: LoaderPort, resources: LoadResources = usualLimits, storage?: DatasetStorage) {
    this.#port = port;
    this.#resources = resources;
    this.#storage = storage;
  }

  async handle(message: LoaderRequest): Promise<void> {
    this.#abort.abort();
    if (message.type === 'cancel') return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const { request } = message;
    try {
      const reply = await this.#answer(message, signal);
      signal.throwIfAborted();
      this.#port.postMessage(reply, reply.type === 'loaded' ? buffersOf(reply.dataset) : []);
    } catch (error) {
      const reply: LoaderReply = signal.aborted
        ? { type: 'cancelled', request }
        : {
            type: 'failed',
            request,
            failure: toFailure(error, 'Try again; if it fails again, try a smaller file.', remedies),
          };
      this.#port.postMessage(reply, []);
    }
  }

  async #answer(
    message: Exclude<LoaderRequest, { type: 'cancel' }>,
    signal: AbortSignal,
  ): Promise<LoaderReply> {
    const { request } = message;
    if (message.type === 'sample')
      return { type: 'loaded', request, dataset: await identify(loadSample(message.sample)) };
    if (message.type === 'reopen') {
      if (!this.#storage) throw notThere(message.file);
      return { type: 'loaded', request, dataset: await reopenKept(this.#storage, message.file) };
    }
    if (message.type === 'inspect') {
      const options = { ...defaultLoadOptions, ...message.reading };
      const preview = await inspect(openFileSet(message.file), signal, options);
      return { type: 'preview', request, preview };
    }
    let lastMs = -Infinity;
    const dataset = await load(
      openFileSet(message.file),
      message.options,
      (progress) => {
        if (performance.now() - lastMs < progressIntervalMs) return;
        lastMs = performance.now();
        this.#port.postMessage({ type: 'progress', request, ...progress }, []);
      },
      signal,
      this.#resources,
    );
    const identified = await identify(dataset);
    await this.#keep(identified, request, signal);
    return { type: 'loaded', request, dataset: identified };
  }

  async #keep(dataset: IdentifiedDataset, request: number, signal: AbortSignal): Promise<void> {
    if (!this.#storage) return;
    try {
      await keepDataset(this.#storage, dataset, signal);
    } catch (error) {
      signal.throwIfAborted();
      const failure = toFailure(error, 'Open the file again after a reload.');
      this.#port.postMessage({ type: 'not-kept', request, failure }, []);
    }
  }
}

type IdentifiedDataset = Dataset & { readonly fingerprint: string };

async function identify(dataset: Dataset): Promise<IdentifiedDataset> {
  return { ...dataset, fingerprint: await fingerprintOf(dataset) };
}

function arraysOf({ counts, names }: Dataset['fields'][number]) {
  return names ? [counts, names.bytes, names.ends] : [counts];
}

function buffersOf(dataset: LoadedDataset): Transferable[] {
  const own = 'ids' in dataset ? [dataset.ids, dataset.numbers, dataset.labels] : [];
  const arrays = [...own, ...dataset.fields.flatMap(arraysOf)];
  return arrays.map((array) => array.buffer as ArrayBuffer);
}

/** For the browser's own errors. */
const remedies: Readonly<Record<string, string>> = {
  RangeError: 'There was not enough memory: give a row limit.',
};

// Runs in a worker only. Tests have no such scope and use the class by itself.
if (typeof WorkerGlobalScope !== 'undefined' && self instanceof WorkerGlobalScope) {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  const resources = { ...readMemoryLimits(), threads: openEncoderThreads() };
  const loader = new LoaderWorker(scope, resources, new OpfsStorage());
  scope.addEventListener('message', ({ data }: MessageEvent<LoaderRequest>) => void loader.handle(data));
}
