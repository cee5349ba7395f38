import type { DataSource } from './dataSource.ts';
import { DataError } from './errors.ts';
import { compareNames, isHidden } from './names.ts';

/** Files of the page that are one source: what a message to a worker can hold. */
export interface FileSet {
  readonly name: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly file: File }[];
  /** See joinSources. */
  readonly chosen: boolean;
}

/** Throws DataError where a set has no files. */
export function openFileSet(set: File | FileSet): DataSource {
  if (!('files' in set)) return set;
  const sources = set.files.map(({ path, file }) => ({
    name: path,
    size: file.size,
    stream: () => file.stream(),
    slice: (start: number, end: number) => file.slice(start, end),
  }));
  return joinSources(sources, set);
}

/**
 * Several files as one source, in natural order of their names. `chosen`: the user named each of them, and did not find them in a
 * folder, so that all are meant. Throws DataError where none is left.
 */
export function joinSources(
  sources: readonly DataSource[],
  { name, chosen }: { readonly name?: string | undefined; readonly chosen: boolean },
): DataSource {
  const meant = chosen ? sources : sources.filter((source) => !isHidden(source.name));
  if (meant.length === 0) {
    throw new DataError(
      'there is no file in it.',
      { file: name ?? 'the folder' },
      'Give a folder with files of data: CSV, TSV, JSON lines or Parquet, compressed or not.',
    );
  }
  const parts = meant.toSorted((a, b) => compareNames(a.name, b.name));
  if (parts.length === 1 && name === undefined) return parts[0];
  return {
    name: name ?? `${parts[0].name} and ${parts.length - 1} more`,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    parts,
    partsAreChosen: chosen,
    stream() {
      throw new Error('a joined source is read part by part');
    },
  };
}
