/** The examples of one block of records, in file order. */
export interface ExampleBlock {
  readonly index: number;
  /** Record numbers of the examples. */
  readonly records: Float64Array<ArrayBuffer>;
  /** As they were read, 0.1 too: what the labels of other lines are compared with. */
  readonly labels: Float64Array<ArrayBuffer>;
  readonly times: Float64Array<ArrayBuffer> | null;
  readonly numbers: Float32Array<ArrayBuffer>; // [examples, numericColumns]
  readonly codes: Uint32Array<ArrayBuffer>; // [examples, fields], of the dictionaries of one encoder
}

/** The rows that `keeps` is true for; the same block where that is all of them. */
export function filterBlock(block: ExampleBlock, keeps: (row: number) => boolean): ExampleBlock {
  const { index, records, labels, times, numbers, codes } = block;
  const rows: number[] = [];
  for (let row = 0; row < records.length; row++) if (keeps(row)) rows.push(row);
  if (rows.length === records.length) return block;
  return {
    index,
    records: takeRows(records, rows, records.length),
    labels: takeRows(labels, rows, records.length),
    times: times && takeRows(times, rows, records.length),
    numbers: takeRows(numbers, rows, records.length),
    codes: takeRows(codes, rows, records.length),
  };
}

type Numbers = Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

function takeRows<Values extends Numbers>(values: Values, rows: readonly number[], of: number): Values {
  const width = values.length / of;
  const taken = values.slice(0, rows.length * width) as Values;
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < width; k++) taken[i * width + k] = values[rows[i] * width + k];
  }
  return taken;
}
