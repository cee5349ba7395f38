import type { Split } from '../data/dataset.ts';
import { readColumn } from '../data/readColumn.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';

/** The items of every user in a split, as compressed sparse rows: items[starts[u] … starts[u + 1]), ascending. */
export class Interactions {
  readonly users: number;
  readonly #starts: Uint32Array; // [users + 1]
  readonly #items: Uint32Array; // [examples]

  /** Of data whose task is 'ranking': field 0 is the user, field 1 the item. Throws DataError where a file cannot be read. */
  constructor(dataset: ReadableDataset, split: Split) {
    const users = readColumn(dataset, dataset.splits[split], 0);
    const items = readColumn(dataset, dataset.splits[split], 1);
    this.users = dataset.fields[0].cardinality;
    this.#starts = new Uint32Array(this.users + 1);
    this.#items = new Uint32Array(items.length);
    for (const user of users) this.#starts[user + 1]++;
    for (let user = 0; user < this.users; user++) this.#starts[user + 1] += this.#starts[user];
    const next = this.#starts.slice();
    users.forEach((user, i) => (this.#items[next[user]++] = items[i]));
    for (let user = 0; user < this.users; user++) this.of(user).sort();
  }

  of(user: number): Uint32Array {
    return this.#items.subarray(this.#starts[user], this.#starts[user + 1]);
  }

  has(user: number, item: number): boolean {
    let [low, high] = [this.#starts[user], this.#starts[user + 1]];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#items[middle] < item) low = middle + 1;
      else high = middle;
    }
    return low < this.#starts[user + 1] && this.#items[low] === item;
  }
}
