import type { Steps } from './containers/pace.ts';
import { type Dataset, type Field, NamePacker, type Range, type Split, type ValueNames } from './dataset.ts';
import { rankByPopularity } from './encoding/rankByPopularity.ts';
import { splitByLastOfUser } from './leaveLastOut.ts';
import { type SplitColumns, splitExamples, splitByHash, splitOrder } from './splits.ts';

type Arranged = Pick<Dataset, 'fields' | 'ids' | 'numbers' | 'labels' | 'splits' | 'examples'>;

/** What is arranged: all examples in training, in the order of the file. */
export type UnsplitData = Pick<Dataset, 'task' | 'fields' | 'numericColumns' | 'ids' | 'numbers' | 'labels'>;

/**
 * Splits examples whose users (field 0) decide where they go, and counts and ranks ids anew by what training then has; ids of the same
 * count keep their order. Of a ranking, a pair of user and item (field 1) is kept once, as it was first: that somebody comes back to an
 * item is nothing that could be recommended.
 */
export function* arrangeByUser(
  data: UnsplitData,
  columns: SplitColumns,
  splitBy: Dataset['report']['splitBy'],
  minCount: number,
): Steps<Arranged> {
  const { task, fields, numericColumns, ids, numbers, labels } = data;
  const width = fields.length;
  const kept = task === 'ranking' ? firstOfPairs(data, columns.times) : range(columns.records.length);
  yield;
  const keptColumns: SplitColumns = {
    records: Float64Array.from(kept, (i) => columns.records[i]),
    labels: Float64Array.from(kept, (i) => columns.labels[i]),
    times: columns.times && Float64Array.from(kept, (i) => columns.times![i]),
  };
  const positions =
    splitBy === 'leave-last-out'
      ? yield* splitByLastOfUser({
          length: kept.length,
          users: fields[0].cardinality,
          userOf: (i) => ids[kept[i] * width],
          timeOf: (i) => keptColumns.times?.[i] ?? 0,
        })
      : splitBy === 'hash'
        ? Uint8Array.from(keptColumns.records, splitByHash)
        : yield* splitExamples(splitBy, keptColumns);
  const { order, splits } = orderBySplit(kept, positions);
  yield;
  const arranged = {
    fields: [] as Field[],
    ids: new Uint32Array(order.length * width),
    numbers: new Float32Array(order.length * numericColumns.length),
    labels: Float32Array.from(order, (i) => labels[i]),
  };
  for (let f = 0; f < width; f++) {
    const counts = new Uint32Array(fields[f].cardinality);
    for (let i = 0; i < splits.train.count; i++) counts[ids[order[i] * width + f]]++;
    const { idOfCode, ...ranked } = yield* rankByPopularity(counts, minCount);
    order.forEach((from, i) => (arranged.ids[i * width + f] = idOfCode[ids[from * width + f]]));
    const { name, names } = fields[f];
    const own = names && { names: renamed(names, idOfCode, ranked) };
    arranged.fields.push({ name, ...ranked, ...own });
    yield;
  }
  const numbersWide = numericColumns.length;
  order.forEach((from, i) =>
    arranged.numbers.set(numbers.subarray(from * numbersWide, (from + 1) * numbersWide), i * numbersWide),
  );
  return { ...arranged, splits, examples: order.length };
}

/** The first of every pair by time, or else by line, in the order of the file. */
function firstOfPairs({ fields, ids }: UnsplitData, times: SplitColumns['times']): Uint32Array {
  const items = fields[1].cardinality;
  const first = new Map<number, number>();
  for (let i = 0; 2 * i < ids.length; i++) {
    const pair = ids[2 * i] * items + ids[2 * i + 1];
    const known = first.get(pair);
    if (known === undefined || (times && times[i] < times[known])) first.set(pair, i);
  }
  return Uint32Array.from(first.values()).sort();
}

function orderBySplit(
  kept: Uint32Array,
  positions: Uint8Array,
): { readonly order: Uint32Array; readonly splits: Record<Split, Range> } {
  const order = new Uint32Array(kept.length);
  const splits = { train: range0, validation: range0, test: range0 };
  let next = 0;
  for (const [position, name] of splitOrder.entries()) {
    const start = next;
    for (let i = 0; i < kept.length; i++) if (positions[i] === position) order[next++] = kept[i];
    splits[name] = { start, count: next - start };
  }
  return { order, splits };
}

const range0: Range = { start: 0, count: 0 };

function range(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i);
}

function renamed(
  { bytes, ends }: ValueNames,
  idOfCode: Uint32Array,
  { cardinality, rareId }: Pick<Field, 'cardinality' | 'rareId'>,
): ValueNames {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const names = Array<string>(cardinality).fill('');
  idOfCode.forEach((id, code) => {
    if (id === rareId) return;
    names[id] = decoder.decode(bytes.subarray(code === 0 ? 0 : ends[code - 1], ends[code]));
  });
  const packer = new NamePacker(cardinality);
  for (const name of names) packer.add(name);
  return packer.pack();
}
