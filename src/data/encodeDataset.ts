import {
  type Dataset,
  type Field,
  type LoadReport,
  NamePacker,
  type Range,
  type Split,
  type ValueNames,
} from './dataset.ts';
import type { Dictionary, ExampleStore } from './exampleStore.ts';
import { DataError } from './containers/errors.ts';
import { stepExamples, type Steps } from './containers/pace.ts';
import { sortInSteps } from './sortInSteps.ts';

export interface EncodeInput extends Pick<Dataset, 'name' | 'format' | 'task' | 'numericColumns'> {
  readonly store: ExampleStore;
  /** Slots of the store that are examples, in file order. */
  readonly slots: Uint32Array;
  readonly fieldNames: readonly string[];
  readonly dictionaries: readonly (Pick<Dictionary, 'size'> & Partial<Pick<Dictionary, 'values'>>)[];
  readonly keepNames?: boolean | undefined;
  readonly minCount: number;
  readonly splitBy: LoadReport['splitBy'];
}

export type EncodedDataset = Omit<Dataset, 'report'>;

/** Splits, counts the training split, ranks ids by popularity and lays the examples out. Throws DataError. */
export function* encodeDataset(input: EncodeInput): Steps<EncodedDataset> {
  const { store, name, format, task, numericColumns, dictionaries, fieldNames, minCount, keepNames } = input;
  const { ranges, order } = yield* arrange(input);
  const train = order.subarray(0, ranges.train.count);
  checkSplits(name, ranges, order.length);

  const examples = order.length;
  const width = dictionaries.length;
  const codeCounts = dictionaries.map((dictionary) => new Uint32Array(dictionary.size));
  for (let i = 0; i < train.length; i++) {
    for (let f = 0; f < width; f++) codeCounts[f][store.code(train[i], f)]++;
    if (i % stepExamples === 0) yield;
  }
  const ranked: RankedField[] = [];
  const fields: Field[] = [];
  for (let f = 0; f < width; f++) {
    ranked.push(yield* rankByPopularity(codeCounts[f], minCount));
    const { cardinality, counts, rareId } = ranked[f];
    const names = keepNames ? yield* namesOf(ranked[f], dictionaries[f]) : undefined;
    fields.push({ name: fieldNames[f], cardinality, counts, rareId, ...(names && { names }) });
    yield;
  }

  const ids = new Uint32Array(examples * width);
  const numbers = new Float32Array(examples * numericColumns.length);
  const labels = new Float32Array(examples);
  for (let i = 0, id = 0, number = 0; i < examples; i++) {
    const slot = order[i];
    labels[i] = store.label(slot);
    for (let f = 0; f < width; f++) ids[id++] = ranked[f].idOfCode[store.code(slot, f)];
    for (let column = 0; column < numericColumns.length; column++)
      numbers[number++] = store.number(slot, column);
    if (i % stepExamples === 0) yield;
  }
  let sum = 0;
  for (let i = 0; i < train.length; i++) sum += labels[i];
  const labelMean = sum / train.length;
  if (task === 'click' && (labelMean === 0 || labelMean === 1)) {
    throw new DataError(
      `all labels of the training split are ${labelMean}.`,
      { file: name },
      'Split it stratified by label, which gives each split its share, or drop a file in which both labels are mixed.',
    );
  }
  return {
    name,
    format,
    task,
    fields,
    numericColumns,
    examples,
    splits: ranges,
    ids,
    numbers,
    labels,
    labelMean,
  };
}

/** undefined where the dictionary has sizes alone, as that of a generated sample. */
function* namesOf(
  { cardinality, rareId, idOfCode }: RankedField,
  dictionary: EncodeInput['dictionaries'][number],
): Steps<ValueNames | undefined> {
  if (!dictionary.values) return undefined;
  const names = Array<string>(cardinality).fill('');
  let code = 0;
  for (const value of dictionary.values()) {
    const id = idOfCode[code++];
    if (id !== rareId) names[id] = value;
    if (code % stepValues === 0) yield;
  }
  const packer = new NamePacker(cardinality);
  for (let id = 0; id < cardinality; id++) {
    packer.add(names[id]);
    if (id % stepValues === 0) yield;
  }
  return packer.pack();
}

/** Values handled between two yields. */
const stepValues = 1 << 16;

/** Slots in the order training, validation, test, each in file order. */
function* arrange({ store, slots, splitBy }: EncodeInput): Steps<{
  readonly ranges: Record<Split, Range>;
  readonly order: Uint32Array;
}> {
  const split = { hash: splitByLine, time: splitByTime, stratified: splitByLabel }[splitBy];
  const splits = yield* split(store, slots);
  const ranges = {
    train: { start: 0, count: 0 },
    validation: { start: 0, count: 0 },
    test: { start: 0, count: 0 },
  };
  const order = new Uint32Array(slots.length);
  let next = 0;
  for (const [split, name] of splitOrder.entries()) {
    const start = next;
    for (let i = 0; i < slots.length; i++) if (splits[i] === split) order[next++] = slots[i];
    ranges[name] = { start, count: next - start };
    yield;
  }
  return { ranges, order };
}

function checkSplits(file: string, ranges: Readonly<Record<string, Range>>, examples: number): void {
  const empty = Object.keys(ranges).find((split) => ranges[split].count === 0);
  if (empty === undefined) return;
  throw new DataError(
    `${examples} usable lines leave nothing for the ${empty} split.`,
    { file },
    'Drop a file with more lines: some hundreds at the very least.',
  );
}

export interface RankedField extends Omit<Field, 'name'> {
  readonly idOfCode: Uint32Array; // [codes]
}

/**
 * Codes → ids by falling count, ties by code: first-seen order in a file. Codes counted fewer than `minCount`
 * times share the rare id, which is ranked by the sum of their counts, after ids of the same count.
 */
export function* rankByPopularity(codeCounts: Uint32Array, minCount: number): Steps<RankedField> {
  const codes = codeCounts.length;
  const total = codeCounts.reduce((sum, count) => sum + count, 0);
  const isKept = (code: number) => codeCounts[code] >= Math.max(1, minCount);
  // Count and code in one float64, exact below 2^53, so that a sort of numbers applies: by falling count, then by code.
  const keys = new Float64Array(codes);
  let kept = 0;
  let rareCount = 0;
  for (let code = 0; code < codes; code++) {
    if (isKept(code)) keys[kept++] = (total - codeCounts[code]) * codes + code;
    else rareCount += codeCounts[code];
  }
  const sorted = keys.subarray(0, kept);
  yield* sortInSteps(sorted);
  let rareId = 0;
  while (rareId < kept && total - Math.floor(sorted[rareId] / codes) >= rareCount) rareId++;

  const idOfCode = new Uint32Array(codes).fill(rareId);
  const counts = new Uint32Array(kept + 1);
  counts[rareId] = rareCount;
  sorted.forEach((key, rank) => {
    const id = rank < rareId ? rank : rank + 1;
    const code = key % codes;
    idOfCode[code] = id;
    counts[id] = codeCounts[code];
  });
  return { cardinality: kept + 1, counts, rareId, idOfCode };
}

/** In the order in which a Dataset holds them. */
const splitOrder: readonly Split[] = ['train', 'validation', 'test'];

/** Position in splitOrder of 0-based data line k: hash(k) = ((k·2654435761) mod 2^32) >>> 16; 9 of 10 is test, 8 validation. */
export function splitByHash(line: number): number {
  const digit = (hashLine(line) >>> 16) % 10;
  return digit === 9 ? 2 : digit === 8 ? 1 : 0;
}

function hashLine(line: number): number {
  return Math.imul(line, 2654435761) >>> 0;
}

function* splitByLine(store: ExampleStore, slots: Uint32Array): Steps<Uint8Array> {
  const splits = new Uint8Array(slots.length);
  for (let i = 0; i < slots.length; i++) {
    splits[i] = splitByHash(store.line(slots[i]));
    if (i % stepExamples === 0) yield;
  }
  return splits;
}

/** Of each label 80 % train, 10 % validate and 10 % test, at least one of three in each; which ones, a hash of their line says. */
function* splitByLabel(store: ExampleStore, slots: Uint32Array): Steps<Uint8Array> {
  const examples = slots.length;
  const splits = new Uint8Array(examples);
  for (const label of [0, 1]) {
    const keys: number[] = [];
    for (let i = 0; i < examples; i++) {
      if (store.label(slots[i]) === label) keys.push((hashLine(store.line(slots[i])) >>> 12) * examples + i);
      if (i % stepExamples === 0) yield;
    }
    const sorted = Float64Array.from(keys);
    yield* sortInSteps(sorted);
    const held = keys.length < 3 ? 0 : Math.max(1, Math.round(0.1 * keys.length));
    for (let rank = 0; rank < 2 * held; rank++) splits[sorted[rank] % examples] = rank < held ? 2 : 1;
  }
  return splits;
}

/** The earliest 80 % train, the next 10 % validate, the latest test; equal times in file order. [examples] */
function* splitByTime(store: ExampleStore, slots: Uint32Array): Steps<Uint8Array> {
  const examples = slots.length;
  const times = new Float64Array(examples);
  for (let i = 0; i < examples; i++) {
    times[i] = store.time(slots[i]);
    if (i % stepExamples === 0) yield;
  }
  const sorted = times.slice();
  yield* sortInSteps(sorted);
  const splits = new Uint8Array(examples);
  for (const share of [0.8, 0.9]) {
    const start = Math.floor(examples * share);
    const first = sorted[start];
    // So many examples of the time at the border are still before it.
    let before = start;
    while (before > 0 && sorted[before - 1] === first) before--;
    let earlier = start - before;
    for (let i = 0; i < examples; i++) {
      if (times[i] > first || (times[i] === first && earlier-- <= 0)) splits[i]++;
    }
    yield;
  }
  return splits;
}
