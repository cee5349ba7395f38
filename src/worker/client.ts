import type { Dataset, StoredDataset } from '../data/dataset.ts';
import type { SampleId } from '../data/load.ts';
import type { FileSet, LoadOptions, LoadProgress, Preview, Reading } from '../data/source.ts';
// Imports that only Vite knows: the addresses of the bundled workers.
// oxlint-disable import/default
import engineUrl from './engine.ts?worker&url';
import loaderUrl from './loader.ts?worker&url';
import scoringUrl from './scoring.ts?worker&url';
// oxlint-enable import/default
import type {
  EngineReply,
  EngineRequest,
  Failure,
  LoadedDataset,
  LoaderReply,
  LoaderRequest,
  ScoringReply,
  ScoringRequest,
} from './protocol.ts';
import { startWorker } from './startWorker.ts';

/** The part of Worker that a client needs. Tests put a fake engine behind it. */
export interface Channel<Request, Reply> {
  post(request: Request, transfer?: Transferable[]): void;
  listen(onReply: (reply: Reply) => void, onCrash: (failure: Failure) => void): void;
}

export type EngineChannel = Channel<EngineRequest, EngineReply>;
export type LoaderChannel = Channel<LoaderRequest, LoaderReply>;

/** A failure in a worker, thrown on this thread. */
export class WorkerError extends Error {
  override readonly name: string;
  readonly remedy: string;
  readonly choices: readonly string[];
  constructor(failure: Failure) {
    super(failure.message);
    this.name = failure.name;
    this.remedy = failure.remedy;
    this.choices = failure.choices ?? [];
  }
}

/** An engine that trains beside the first, until it is closed. */
export type SideEngineChannel = EngineChannel & { close(): void };

function openChannel<Request, Reply>(
  address: string,
  name: string,
): Channel<Request, Reply> & { close(): void } {
  const worker = startWorker(address, name);
  return {
    close: () => worker.terminate(),
    post: (request, transfer = []) => worker.postMessage(request, transfer),
    listen(onReply, onCrash) {
      worker.addEventListener('message', (message: MessageEvent<Reply>) => onReply(message.data));
      const crash = (message: string): void =>
        onCrash({
          name: 'WorkerError',
          message: `The ${name} stopped working: ${message}`,
          remedy:
            'Reload the page; stored runs and settings are kept. If it happens again, copy the diagnostics.',
        });
      worker.addEventListener('error', (event) => crash(event.message || 'its script could not be loaded.'));
      worker.addEventListener('messageerror', () => crash('a message could not be read.'));
    },
  };
}

export const openEngine = (): EngineChannel => openChannel(engineUrl, 'engine');
export const openSideEngine = (): SideEngineChannel => openChannel(engineUrl, 'side engine');
export const openScoring = (): Channel<ScoringRequest, ScoringReply> & { close(): void } =>
  openChannel(scoringUrl, 'scoring worker');
export const openLoader = (): LoaderChannel => openChannel(loaderUrl, 'loader');

/** The loader's requests as promises. A new request cancels the one before, which then rejects. */
export interface LoaderClient {
  inspect(file: File | FileSet, reading?: Reading, signal?: AbortSignal): Promise<Preview>;
  load(
    file: File | FileSet,
    options: LoadOptions,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
    onNotKept?: (failure: Failure) => void,
  ): Promise<LoadedDataset>;
  /** Opens what was kept under a name. */
  reopen(file: string, signal?: AbortSignal): Promise<LoadedDataset>;
  sample(sample: SampleId, signal?: AbortSignal): Promise<LoadedDataset>;
}

interface Pending {
  readonly request: number;
  readonly resolve: (value: Preview | LoadedDataset) => void;
  readonly reject: (reason: unknown) => void;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  readonly onNotKept?: ((failure: Failure) => void) | undefined;
}

const cancelled = (): DOMException => new DOMException('Loading was cancelled.', 'AbortError');

export function createLoaderClient(channel: LoaderChannel): LoaderClient {
  let lastRequest = 0;
  let pending: Pending | null = null;

  function settle(request: number): Pending | null {
    if (pending?.request !== request) return null; // an answer to a request that was replaced
    const settled = pending;
    pending = null;
    return settled;
  }

  channel.listen(
    (reply) => {
      if (reply.type === 'progress') {
        if (pending?.request === reply.request) pending.onProgress?.(reply);
      } else if (reply.type === 'not-kept') {
        if (pending?.request === reply.request) pending.onNotKept?.(reply.failure);
      } else if (reply.type === 'preview') settle(reply.request)?.resolve(reply.preview);
      else if (reply.type === 'loaded') settle(reply.request)?.resolve(reply.dataset);
      else if (reply.type === 'failed') settle(reply.request)?.reject(new WorkerError(reply.failure));
      else settle(reply.request)?.reject(cancelled());
    },
    (failure) => {
      pending?.reject(new WorkerError(failure));
      pending = null;
    },
  );

  function ask<T extends Preview | LoadedDataset>(
    makeRequest: (request: number) => LoaderRequest,
    signal: AbortSignal | undefined,
    hears: Pick<Pending, 'onProgress' | 'onNotKept'> = {},
  ): Promise<T> {
    if (signal?.aborted) return Promise.reject(cancelled());
    pending?.reject(cancelled());
    const request = ++lastRequest;
    return new Promise<T>((resolve, reject) => {
      pending = { request, resolve: (value) => resolve(value as T), reject, ...hears };
      channel.post(makeRequest(request));
      signal?.addEventListener('abort', () => {
        if (!settle(request)) return;
        channel.post({ type: 'cancel' });
        reject(cancelled());
      });
    });
  }

  return {
    inspect: (file, reading = {}, signal) =>
      ask<Preview>((request) => ({ type: 'inspect', request, file, reading }), signal),
    load: (file, options, onProgress, signal, onNotKept) =>
      ask<LoadedDataset>((request) => ({ type: 'load', request, file, options }), signal, {
        onProgress,
        onNotKept,
      }),
    reopen: (file, signal) => ask<LoadedDataset>((request) => ({ type: 'reopen', request, file }), signal),
    sample: (sample, signal) =>
      ask<LoadedDataset>((request) => ({ type: 'sample', request, sample }), signal),
  };
}

/**
 * Transfers the examples and the names of values to the engine. The counts of the fields are copied, because the page draws them.
 */
export function sendDataset(engine: EngineChannel, dataset: Dataset | StoredDataset): void {
  if (!('ids' in dataset)) return engine.post({ type: 'dataset', dataset });
  const { ids, numbers, labels, fields } = dataset;
  const names = fields.flatMap((field) => (field.names ? [field.names.bytes, field.names.ends] : []));
  const buffers = new Set([ids, numbers, labels, ...names].map(({ buffer }) => buffer));
  engine.post({ type: 'dataset', dataset }, [...buffers] as ArrayBuffer[]);
}
