/** Where reading stops, so that no file is endless: whatever it claims, and however it is made. */
export interface Limits {
  /** Bytes that come out of all containers of a file. */
  readonly unpackedBytes: number;
  /** Bytes that come out for each one that goes in, once more than freeBytes came out. */
  readonly ratio: number;
  readonly freeBytes: number;
  /** Containers in containers: a tar in a gzip is two. */
  readonly depth: number;
  /** Files of one archive, or of one folder. */
  readonly entries: number;
  /** A file that must be read out of order but lies inside a container is held in memory. */
  readonly heldBytes: number;
  /** One line, JSON object or header of a container. */
  readonly lineLength: number;
  /** Keys of JSON objects are looked for in so many characters; one that appears later is refused. */
  readonly scannedJson: number;
  /** Compressed bytes of one row group of a Parquet file. */
  readonly rowGroupBytes: number;
}

export const defaultLimits: Limits = {
  unpackedBytes: 2 ** 40,
  ratio: 500,
  freeBytes: 2 ** 26,
  depth: 4,
  entries: 10_000,
  heldBytes: 2 ** 28,
  lineLength: 2 ** 20,
  scannedJson: 2 ** 28,
  rowGroupBytes: 2 ** 30,
};
