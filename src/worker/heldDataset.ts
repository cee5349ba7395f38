import type { Dataset, StoredDataset } from '../data/dataset.ts';
import type { OpenDataset, ReadableDataset } from '../data/stored/exampleReader.ts';
import { notThere } from '../data/stored/storageErrors.ts';

/** The data set of an engine. One that lies in a file is opened when it comes. */
export class HeldDataset {
  readonly #open: (file: string) => Promise<OpenDataset>;
  #sent: Dataset | StoredDataset | undefined;
  #opening: Promise<ReadableDataset> | undefined;
  /** Those that were replaced, and may still be trained on. */
  readonly #replaced: Promise<ReadableDataset>[] = [];

  /** `open`: rejects with DataError. Left out: there are no files. */
  constructor(open: (file: string) => Promise<OpenDataset> = (file) => Promise.reject(notThere(file))) {
    this.#open = open;
  }

  /** As it came, for another engine. */
  get sent(): Dataset | StoredDataset | undefined {
    return this.#sent;
  }

  replace(dataset: Dataset | StoredDataset): void {
    if (this.#opening) this.#replaced.push(this.#opening);
    this.#sent = dataset;
    this.#opening = 'ids' in dataset ? Promise.resolve(dataset) : this.#open(dataset.file);
    this.#opening.catch(() => {}); // thrown where it is asked for
  }

  /** Rejects with DataError where its file cannot be opened, and where there is none. */
  async opened(): Promise<ReadableDataset> {
    if (!this.#opening) throw new Error('There is no data set to train on.');
    return this.#opening;
  }

  /** Closes the files of data sets that were replaced. Called when nothing is trained. */
  closeReplaced(): void {
    for (const opening of this.#replaced.splice(0))
      void opening.then((dataset) => 'pages' in dataset && dataset.close()).catch(() => {});
  }
}
