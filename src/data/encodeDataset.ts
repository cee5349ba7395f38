import type { Pace, Steps } from './containers/pace.ts';
import { DataError } from './containers/errors.ts';
import {
  type Dataset,
  type Field,
  type LoadReport,
  NamePacker,
  type Range,
  type Split,
  type SplitRule,
} from './dataset.ts';
import type { PackedValues } from './encoding/byteDictionary.ts';
import type { EncoderPool } from './encoding/encoderPool.ts';
import type { ExampleChoice, FieldPart, LaidOutBlock, SplitCounts } from './encoding/exampleBlocks.ts';
import { mergeParts } from './encoding/mergeParts.ts';
import { arrangeByUser } from './arrangeByUser.ts';
import { type RankedField, rankByPopularity } from './encoding/rankByPopularity.ts';
import { type SplitColumns, splitExamples, splitOrder } from './splits.ts';

export interface EncodeInput extends Pick<Dataset, 'name' | 'format' | 'task' | 'numericColumns'> {
  readonly choice: ExampleChoice;
  /** Blocks that the pool holds. */
  readonly blocks: number;
  readonly fieldNames: readonly string[];
  readonly keepNames?: boolean | undefined;
  readonly minCount: number;
  readonly splitBy: LoadReport['splitBy'];
}

export type EncodedDataset = Omit<Dataset, 'report'>;

/** Splits, counts the training split, ranks ids by popularity and lays the examples out. Rejects with DataError. */
export async function encodeDataset(
  pool: EncoderPool,
  input: EncodeInput,
  pace: Pace,
): Promise<EncodedDataset> {
  const { name, format, task, numericColumns, minCount, keepNames = false } = input;
  // Where users decide, everything is in training until their values have one code each.
  const { splitBy } = input;
  const columns =
    task === 'ranking' || splitBy === 'leave-last-out' ? await selectColumns(pool, input, pace) : null;
  const splits =
    splitBy === 'leave-last-out' || columns
      ? columns!.map(({ records }) => new Uint8Array(records.length))
      : await selectAndSplit(pool, input, splitBy, pace);
  const counts = Array<SplitCounts>(input.blocks);
  await eachBlock(pool, pace, async (encoder, index) => {
    counts[index] = await encoder.count(index, splits?.[index] ?? null);
  });
  const { ranges, starts } = placeBlocks(counts);
  if (!columns) checkSplits(name, ranges);
  const fields: Field[] = [];
  const takes = (f: number) => (f < input.fieldNames.length ? takeField(pool, f, keepNames) : []);
  let next = takes(0);
  for (const [f, fieldName] of input.fieldNames.entries()) {
    const parts = await next;
    // The threads list the next field while this one is merged.
    next = takes(f + 1);
    fields.push({ name: fieldName, ...(await rankField(pool, f, parts, minCount, keepNames, pace)) });
  }
  const examples = ranges.test.start + ranges.test.count;
  const width = fields.length;
  const numericWidth = numericColumns.length;
  const ids = new Uint32Array(examples * width);
  const numbers = new Float32Array(examples * numericWidth);
  const labels = new Float32Array(examples);
  await eachBlock(pool, pace, async (encoder, index) => {
    const block = await encoder.layOut(index);
    placeRows(ids, block.ids, width, starts[index], block);
    if (numericWidth > 0) placeRows(numbers, block.numbers, numericWidth, starts[index], block);
    placeRows(labels, block.labels, 1, starts[index], block);
  });
  if (columns) {
    const unsplit = { task, fields, numericColumns, ids, numbers, labels };
    const arranged = await pace.run(arrangeByUser(unsplit, joinColumns(columns), splitBy, minCount));
    checkSplits(name, arranged.splits);
    const trained = arranged.labels.subarray(0, arranged.splits.train.count);
    return {
      name,
      format,
      task,
      numericColumns,
      ...arranged,
      labelMean: meanTrainingLabel(name, task, trained),
    };
  }
  const labelMean = meanTrainingLabel(name, task, labels.subarray(0, ranges.train.count));
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

type Encoder = EncoderPool['members'][number]['encoder'];

/** Every encoder goes through its own blocks, in the order of the file. */
async function eachBlock(
  pool: EncoderPool,
  pace: Pace,
  work: (encoder: Encoder, index: number) => Promise<void>,
): Promise<void> {
  await Promise.all(
    pool.members.map(async ({ encoder, blocks }) => {
      for (const index of blocks) {
        await work(encoder, index);
        await pace.pause();
      }
    }),
  );
}

/** By block, the positions in splitOrder of its examples; null: each by the hash of its line alone. */
async function selectAndSplit(
  pool: EncoderPool,
  input: EncodeInput,
  splitBy: Exclude<SplitRule, 'leave-last-out'>,
  pace: Pace,
): Promise<readonly Uint8Array[] | null> {
  if (splitBy === 'hash') {
    await eachBlock(pool, pace, async (encoder, index) => {
      await encoder.select(index, input.choice, false);
    });
    return null;
  }
  const known = await selectColumns(pool, input, pace);
  const splits = await pace.run(splitExamples(splitBy, joinColumns(known)));
  let start = 0;
  return known.map(({ records }) => splits.slice(start, (start += records.length)));
}

/** By block, what its examples are split by. */
async function selectColumns(
  pool: EncoderPool,
  { blocks, choice }: EncodeInput,
  pace: Pace,
): Promise<readonly SplitColumns[]> {
  const columns = Array<SplitColumns>(blocks);
  await eachBlock(pool, pace, async (encoder, index) => {
    columns[index] = (await encoder.select(index, choice, true))!;
  });
  return columns;
}

function joinColumns(blocks: readonly SplitColumns[]): SplitColumns {
  const hasTimes = blocks.every(({ times }) => times !== null);
  return {
    records: join(blocks.map(({ records }) => records)),
    labels: join(blocks.map(({ labels }) => labels)),
    times: hasTimes ? join(blocks.map(({ times }) => times!)) : null,
  };
}

function join(parts: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Where the examples of each block begin in each split. */
function placeBlocks(counts: readonly SplitCounts[]): {
  readonly ranges: Record<Split, Range>;
  readonly starts: readonly SplitCounts[];
} {
  const ranges = {
    train: { start: 0, count: 0 },
    validation: { start: 0, count: 0 },
    test: { start: 0, count: 0 },
  };
  const starts = counts.map((): [number, number, number] => [0, 0, 0]);
  let next = 0;
  for (const [split, name] of splitOrder.entries()) {
    const start = next;
    counts.forEach((of, index) => {
      starts[index][split] = next;
      next += of[split];
    });
    ranges[name] = { start, count: next - start };
  }
  return { ranges, starts };
}

/** Copies the rows of a block to where its splits begin. */
function placeRows<Values extends Uint32Array | Float32Array>(
  to: Values,
  rows: Values,
  width: number,
  starts: SplitCounts,
  { counts }: LaidOutBlock,
): void {
  let row = 0;
  for (let split = 0; split < 3; split++) {
    const end = row + counts[split];
    to.set(rows.subarray(row * width, end * width) as Values, starts[split] * width);
    row = end;
  }
}

function takeField(pool: EncoderPool, field: number, keepNames: boolean): Promise<readonly FieldPart[]> {
  const withValues = keepNames || pool.members.length > 1;
  const parts = Promise.all(pool.members.map(({ encoder }) => encoder.takeField(field, withValues)));
  parts.catch(() => undefined); // of a cancel while nobody waits for them yet
  return parts;
}

/** Merges a field, tells the encoders its ids, and says what is known of it. */
async function rankField(
  pool: EncoderPool,
  field: number,
  parts: readonly FieldPart[],
  minCount: number,
  keepNames: boolean,
  pace: Pace,
): Promise<Omit<Field, 'name'>> {
  const { counts: codeCounts, codesOf, values } = await pace.run(mergeParts(parts, keepNames));
  const ranked = await pace.run(rankByPopularity(codeCounts, minCount));
  const { cardinality, counts, rareId, idOfCode } = ranked;
  const ids = codesOf?.map((codes) => codes.map((code) => idOfCode[code])) ?? [idOfCode];
  const names = keepNames ? await pace.run(namesOf(ranked, values!)) : undefined;
  await Promise.all(pool.members.map(({ encoder }, e) => encoder.setIds(field, ids[e])));
  return { cardinality, counts, rareId, ...(names && { names }) };
}

const stepValues = 1 << 14;

/** `values`: by code. */
function* namesOf(
  { cardinality, rareId, idOfCode }: RankedField,
  { bytes, ends }: PackedValues,
): Steps<NonNullable<Field['names']>> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const names = Array<string>(cardinality).fill('');
  for (let code = 0; code < ends.length; code++) {
    const id = idOfCode[code];
    if (id !== rareId)
      names[id] = decoder.decode(bytes.subarray(code === 0 ? 0 : ends[code - 1], ends[code]));
    if (code % stepValues === 0) yield;
  }
  const packer = new NamePacker(cardinality);
  for (let id = 0; id < cardinality; id++) {
    packer.add(names[id]);
    if (id % stepValues === 0) yield;
  }
  return packer.pack();
}

function checkSplits(file: string, ranges: Readonly<Record<Split, Range>>): void {
  const empty = splitOrder.find((split) => ranges[split].count === 0);
  if (empty === undefined) return;
  throw new DataError(
    `${ranges.test.start + ranges.test.count} usable lines leave nothing for the ${empty} split.`,
    { file },
    'Drop a file with more lines: some hundreds at the very least.',
  );
}

/** Throws DataError where all clicks of the training split are alike. */
export function meanTrainingLabel(file: string, task: Dataset['task'], labels: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += labels[i];
  const mean = sum / labels.length;
  if (task !== 'click' || (mean !== 0 && mean !== 1)) return mean;
  throw new DataError(
    `all labels of the training split are ${mean}.`,
    { file },
    'Split it stratified by label, which gives each split its share, or drop a file in which both labels are mixed.',
  );
}
