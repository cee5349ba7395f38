import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ScoredLines } from './scoreLines.ts';
import type { ScoredColumn, ScoredTable } from './scoredColumns.ts';

/** Lines of a row group: a few megabytes. */
const GROUP_LINES = 2 ** 17;

const types = { float: 'FLOAT', count: 'INT32' } as const;

/** Parquet, compressed by Snappy, a row group at a time. */
export class ScoredParquet implements ScoredTable {
  readonly #columns: readonly ScoredColumn[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #values: (number | null)[][];

  constructor(columns: readonly ScoredColumn[]) {
    this.#columns = columns;
    this.#values = columns.map(() => []);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      createdBy: 'dimmer',
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type, isOptional }) => ({
          name,
          type: types[type],
          repetition_type: isOptional ? ('OPTIONAL' as const) : ('REQUIRED' as const),
        })),
      ],
    });
  }

  add(lines: ScoredLines): Uint8Array {
    for (const [c, column] of this.#columns.entries())
      for (let i = 0; i < lines.count; i++) this.#values[c].push(column.valueOf(lines, i));
    if (this.#values[0].length >= GROUP_LINES) this.#writeGroup();
    return this.#take();
  }

  end(): Uint8Array {
    if (this.#values[0].length > 0) this.#writeGroup();
    void this.#writer.finish();
    return this.#take();
  }

  #writeGroup(): void {
    const columnData = this.#columns.map(({ name }, c) => ({ name, data: this.#values[c] }));
    void this.#writer.write({ columnData, rowGroupSize: this.#values[0].length });
    this.#values = this.#columns.map(() => []);
  }

  /** What has been written since; the writer goes on counting. */
  #take(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}
