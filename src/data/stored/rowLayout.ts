import type { DatasetInfo, Examples } from '../dataset.ts';

/**
 * How an example is packed into a row of 32-bit little-endian words: first the numbers as float32, then the rating as float32, or else
 * nothing; then, from the lowest bit of the next word on, the ids of all fields, each with as few bits as its cardinality needs, and
 * the label of a click, one bit. A row fills whole words.
 */
export interface RowLayout {
  readonly fields: number;
  readonly numericColumns: number;
  readonly isRating: boolean;
  readonly rowWords: number;
  readonly rowBytes: number;
  /** Where the bits of each field begin, from the start of the row. [fields] */
  readonly firstBits: Uint32Array;
  /** All bits of an id set; 0 for a field of one id. [fields] */
  readonly masks: Uint32Array;
  /** Of a click; not used for ratings. */
  readonly labelBit: number;
}

export function rowLayoutOf({
  fields,
  numericColumns,
  task,
}: {
  readonly fields: readonly Pick<DatasetInfo['fields'][number], 'cardinality'>[];
  readonly numericColumns: readonly unknown[];
  readonly task: DatasetInfo['task'];
}): RowLayout {
  const isRating = task === 'rating';
  const bits = fields.map(({ cardinality }) => bitsOf(cardinality));
  const firstBits = new Uint32Array(fields.length);
  let next = 32 * (numericColumns.length + (isRating ? 1 : 0));
  bits.forEach((width, f) => {
    firstBits[f] = next;
    next += width;
  });
  const labelBit = next;
  const rowWords = Math.max(1, Math.ceil((isRating ? next : next + 1) / 32));
  return {
    fields: fields.length,
    numericColumns: numericColumns.length,
    isRating,
    rowWords,
    rowBytes: 4 * rowWords,
    firstBits,
    masks: Uint32Array.from(bits, (width) => (width === 0 ? 0 : 0xffffffff >>> (32 - width))),
    labelBit,
  };
}

/** Of the ids 0 … cardinality − 1. */
function bitsOf(cardinality: number): number {
  return cardinality <= 1 ? 0 : 32 - Math.clz32(cardinality - 1);
}

/** Packs examples `from` … `from` + `count` − 1 into `rows` u32[≥ count, rowWords]. Ids must be below their cardinality. */
export function packRows(
  layout: RowLayout,
  { ids, numbers, labels }: Examples,
  from: number,
  count: number,
  rows: Uint32Array,
): void {
  const { fields, numericColumns, isRating, rowWords, firstBits, labelBit } = layout;
  const floats = new Float32Array(rows.buffer, rows.byteOffset, rows.length);
  rows.fill(0, 0, count * rowWords);
  for (let i = 0; i < count; i++) {
    const row = i * rowWords;
    const example = from + i;
    const firstNumber = example * numericColumns;
    for (let c = 0; c < numericColumns; c++) floats[row + c] = numbers[firstNumber + c];
    const firstId = example * fields;
    for (let f = 0; f < fields; f++) {
      const bit = firstBits[f];
      const word = row + (bit >>> 5);
      const shift = bit & 31;
      const id = ids[firstId + f];
      rows[word] |= id << shift;
      // What does not fit goes to the next word, which is 0 for ids that do.
      if (shift > 0 && id >>> (32 - shift) !== 0) rows[word + 1] |= id >>> (32 - shift);
    }
    if (isRating) floats[row + numericColumns] = labels[example];
    else rows[row + (labelBit >>> 5)] |= labels[example] << (labelBit & 31);
  }
}

/**
 * Unpacks `count` rows of `rows` u32[*, rowWords] to the examples 0 … count − 1 of `into`: row `from` + i for example i, or row
 * `positions`[i].
 */
export function unpackRows(
  layout: RowLayout,
  rows: Uint32Array,
  from: number | Uint32Array,
  count: number,
  { ids, numbers, labels }: Examples,
): void {
  const { fields, numericColumns, isRating, rowWords, firstBits, masks, labelBit } = layout;
  const floats = new Float32Array(rows.buffer, rows.byteOffset, rows.length);
  for (let i = 0; i < count; i++) {
    const row = (typeof from === 'number' ? from + i : from[i]) * rowWords;
    const firstNumber = i * numericColumns;
    for (let c = 0; c < numericColumns; c++) numbers[firstNumber + c] = floats[row + c];
    const firstId = i * fields;
    for (let f = 0; f < fields; f++) {
      const bit = firstBits[f];
      const word = row + (bit >>> 5);
      const shift = bit & 31;
      const mask = masks[f];
      const goesOn = shift > 0 && mask >>> (32 - shift) !== 0;
      const high = goesOn ? rows[word + 1] << (32 - shift) : 0;
      ids[firstId + f] = ((rows[word] >>> shift) | high) & mask;
    }
    labels[i] = isRating
      ? floats[row + numericColumns]
      : (rows[row + (labelBit >>> 5)] >>> (labelBit & 31)) & 1;
  }
}
