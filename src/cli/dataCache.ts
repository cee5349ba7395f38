import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import { fingerprintOf } from '../data/fingerprint.ts';
import type { LoadOptions } from '../data/source.ts';
import { readHeader } from '../data/stored/datasetFile.ts';
import { writeDataset } from '../data/stored/datasetWriter.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { NodeStorage } from '../data/stored/nodeStorage.ts';
import { reopen } from '../data/stored/readWhole.ts';
import type { FileIdentity } from './openFiles.ts';

/** Raised whenever the same lines would be encoded in another way, so that nothing older is taken for it. */
const ENCODING = 1;

/** A data set of the cache. */
export interface CachedData {
  readonly key: string;
  readonly sizeBytes: number;
  /** null: its file cannot be read. */
  readonly what: { readonly name: string; readonly examples: number; readonly paths: string } | null;
}

/** Keeps encoded data sets in a folder, so that the next command need not read their files again. */
export class DataCache {
  readonly folder: string;
  readonly #storage: NodeStorage;

  /** Default: where this machine keeps what can be made again, XDG_CACHE_HOME. */
  constructor(folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dimmer')) {
    this.folder = folder;
    this.#storage = new NodeStorage(folder);
  }

  /** The same for the same bytes, as far as sizes and times of files tell, loaded in the same way. */
  keyOf(files: readonly FileIdentity[], options: LoadOptions): string {
    const about = JSON.stringify([ENCODING, files, Object.entries(options).toSorted()]);
    return createHash('sha256').update(about).digest('hex').slice(0, 32);
  }

  /** undefined: it is not there, or cannot be read. */
  async find(key: string): Promise<ReadableDataset | undefined> {
    return reopen(this.#storage, key).catch(() => undefined);
  }

  /** Returns the bytes written. Rejects with DataError where there is no room. */
  async keep(key: string, dataset: Dataset, files: readonly FileIdentity[]): Promise<number> {
    await this.#storage.sweep();
    const identified = { ...dataset, fingerprint: await fingerprintOf(dataset) };
    const note = files.map(({ path }) => path).join(', ');
    await writeDataset(await this.#storage.create(key), identified, { note });
    return (await this.#storage.blob(key))?.size ?? 0;
  }

  async list(): Promise<readonly CachedData[]> {
    const files = await this.#storage.list();
    return Promise.all(files.map(({ name, sizeBytes }) => this.#describe(name, sizeBytes)));
  }

  async #describe(key: string, sizeBytes: number): Promise<CachedData> {
    const blob = await this.#storage.blob(key);
    const header = blob && (await readHeader(blob, key).catch(() => undefined));
    if (!header) return { key, sizeBytes, what: null };
    const { name, examples } = header.info;
    return { key, sizeBytes, what: { name, examples, paths: header.note } };
  }

  /** Removes what is cached, also what was left unfinished. */
  async clear(): Promise<void> {
    await this.#storage.sweep();
    for (const { name } of await this.#storage.list()) await this.#storage.remove(name);
  }
}
