/** A part of a file, which reads nothing until it is asked. */
export interface Slice {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * The part of File that loading needs. In Node a Blob from openAsBlob(path) is one once it has a
 * name: Object.assign(await openAsBlob(path), { name }).
 */
export interface DataSource {
  readonly name: string;
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
  /** Bytes [start, end). Without it a file that must be read out of order is held in memory, up to a limit. */
  slice?(start: number, end: number): Slice;
  /** Files that make one data set, in this order: joinSources. The other members then speak of all of them. */
  readonly parts?: readonly DataSource[];
  /** True: the user named each part. Otherwise they were found in a folder, and may be several data sets. */
  readonly partsAreChosen?: boolean;
}
