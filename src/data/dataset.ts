import type { DataReading } from './reading.ts';
import type { Transform } from './transform.ts';

/** What is known of a data set beside its examples, and a report of how they were read. */
export interface DatasetInfo {
  readonly name: string;
  readonly format: FormatId;
  readonly task: Task;
  readonly fields: readonly Field[];
  /** `numbers` holds them transformed. */
  readonly numericColumns: readonly NumericColumn[];
  /** Examples kept, in the order training, validation, test; file order within each split. */
  readonly examples: number;
  readonly splits: Readonly<Record<Split, Range>>;
  /** Mean training label: base rate or mean rating. */
  readonly labelMean: number;
  /** Built-in samples only: what an oracle that knows the planted model reaches on the test split. */
  readonly bestPossible?: { readonly metric: 'auc' | 'rmse'; readonly value: number };
  /** Built-in samples only: what is known of the model that the labels were drawn from. */
  readonly planted?: readonly Planted[];
  /** How its lines were read; undefined: it was generated. */
  readonly reading?: DataReading;
  readonly report: LoadReport;
  /** Once it is known: see fingerprintOf. */
  readonly fingerprint?: string;
}

/** Encoded examples side by side, as plain typed arrays. */
export interface Examples {
  readonly ids: Uint32Array; // [examples, fields]
  readonly numbers: Float32Array; // [examples, numericColumns]
  readonly labels: Float32Array; // [examples]: 0 or 1 for clicks, the rating for ratings
}

/** A data set in memory. It can be transferred between workers and stored. */
export interface Dataset extends DatasetInfo, Examples {}

/** A data set whose examples lie in a file of a DatasetStorage. Plain, so that it can be sent to the thread that opens the file. */
export interface StoredDataset extends DatasetInfo {
  readonly fingerprint: string;
  readonly file: string;
  readonly sizeBytes: number;
}

/** A structure of the planted model that a compression method can use or miss. */
export type Planted = { readonly fields: readonly string[]; readonly sentence: string } & (
  | { readonly kind: 'ranks' }
  /** Values of different fields with the same vector that occur in the same examples. */
  | { readonly kind: 'twins'; readonly groups: Uint32Array /* ids [groups, fields] */ }
  /** Vectors are sums over the digits of the id. */
  | { readonly kind: 'digits'; readonly base: number; readonly digits: number }
);

/**
 * A hash of the line's number; time, the latest being the test; the hash, with each label getting its share of every split; of every
 * user the latest example the test and the one before it validation.
 */
export type SplitRule = 'hash' | 'time' | 'stratified' | 'leave-last-out';

export interface NumericColumn {
  readonly name: string;
  readonly transform: Transform;
}

/** 'ranking': examples are what happened, of a user (field 0) and an item (field 1); what did not happen is sampled. */
export type Task = 'click' | 'rating' | 'ranking';
export type Split = 'train' | 'validation' | 'test';
export type FormatId =
  | 'criteo'
  | 'avazu'
  | 'movielens-tab' // u.data
  | 'movielens-colons' // ratings.dat
  | 'movielens-csv' // ratings.csv
  | 'table' // any CSV or TSV with a header; the user gives the roles
  | 'sample';

export interface Range {
  readonly start: number;
  readonly count: number;
}

/**
 * A categorical column. Ids are popularity ranks: id 0 is looked up most often in the training
 * split, and `counts` never increases; so a popularity block is a range of ids and needs no remap.
 */
export interface Field {
  readonly name: string;
  /** Rows of the table, the rare row included. */
  readonly cardinality: number;
  /** Lookups of each id in the training split. */
  readonly counts: Uint32Array; // [cardinality]
  /** The values that its ids stand for, if LoadOptions.keepNames; '' for the rare id. */
  readonly names?: ValueNames;
  /** The id of values seen fewer than t times in training or not at all. */
  readonly rareId: number;
}

export interface LoadReport {
  readonly linesRead: number;
  readonly bytesRead: number;
  /** Lines left out, by reason; empty if none. */
  readonly skipped: readonly SkippedLines[];
  /** What may be wrong although it could be read. */
  readonly warnings: readonly DataWarning[];
  /** True: the row limit was reached and `examples` is a uniform random sample of `linesRead` lines. */
  readonly sampled: boolean;
  readonly minCount: number;
  readonly splitBy: SplitRule;
  readonly elapsedMs: number;
}

/** Something that should be known before training, and what to do about it. */
export interface DataWarning {
  readonly kind: WarningKind;
  /** null when it is no single column. */
  readonly column: string | null;
  readonly message: string;
  readonly remedy: string;
}

export type WarningKind =
  /** Columns of one name. */
  | 'repeated-name'
  /** A file of an archive or a folder was left out, or a column is not read as it is. */
  | 'contents'
  /** Lines above the header. */
  | 'preamble'
  | 'no-header'
  /** A label of counts, of which every one above 0 is a click. */
  | 'counted-label'
  /** A role, or the label, that nothing but the values suggests. */
  | 'weak-guess'
  /** 680.351 may be decimals or thousands, 3/4 the third or the fourth month. */
  | 'ambiguous-number'
  | 'ambiguous-date'
  | 'negative-under-log'
  /** Cells that are lists, whole or split. */
  | 'list'
  /** A column that predicts the label alone. */
  | 'leak'
  /** A split in which one label is missing, or so rare that its AUC is noise. */
  | 'one-class'
  | 'rare-label'
  /** A user has an item more than once. */
  | 'repeated-pairs'
  /** A category whose values occur once. */
  | 'all-distinct'
  /** There is a time, and the split is random. */
  | 'random-split';

export interface SkippedLines {
  readonly reason: string;
  readonly count: number;
  /** 1-based line number of the first. */
  readonly firstLine: number;
}

/** The values of a field as text, one after the other in the order of ids. */
export interface ValueNames {
  readonly bytes: Uint8Array; // UTF-8
  /** Where the name of each id ends. */
  readonly ends: Uint32Array; // [cardinality]
}

/** Packs names one by one, in the order of ids; '' for ids that stand for several values. */
export class NamePacker {
  readonly #encoder = new TextEncoder();
  readonly #ends: Uint32Array;
  #bytes = new Uint8Array(1 << 10);
  #ids = 0;
  #end = 0;

  constructor(cardinality: number) {
    this.#ends = new Uint32Array(cardinality);
  }

  add(name: string): void {
    // UTF-8 takes at most three bytes for a unit of UTF-16.
    const most = this.#end + 3 * name.length;
    if (most > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(most, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#end += this.#encoder.encodeInto(name, this.#bytes.subarray(this.#end)).written;
    this.#ends[this.#ids++] = this.#end;
  }

  pack(): ValueNames {
    return { bytes: this.#bytes.slice(0, this.#end), ends: this.#ends };
  }
}

export function readName({ bytes, ends }: ValueNames, id: number): string {
  return new TextDecoder().decode(bytes.subarray(id === 0 ? 0 : ends[id - 1], ends[id]));
}
