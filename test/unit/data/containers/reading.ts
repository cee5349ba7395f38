import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ContentOptions, openContent } from '../../../../src/data/containers/content.ts';
import type { DataSource } from '../../../../src/data/containers/dataSource.ts';
import { sourceOf } from '../sources.ts';

const folder = fileURLToPath(new URL('../../../fixtures/containers/', import.meta.url));

export function containerNames(pattern: RegExp): string[] {
  return readdirSync(folder).filter((name) => pattern.test(name));
}

export function containerBytes(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(folder + name));
}

/** As a page or the command line hands it over: with slices. */
export function fileOf(bytes: Uint8Array<ArrayBuffer> | string, name = 'file'): DataSource {
  return new File([bytes], name);
}

/** Without slices, in pieces of one byte. */
export function tornSource(bytes: Uint8Array<ArrayBuffer>, name = 'file'): DataSource {
  return sourceOf(
    bytes,
    name,
    Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => i + 1),
  );
}

export interface ReadContent {
  readonly text: string;
  readonly files: readonly string[];
  readonly encoding: string | null;
  readonly columns: string | undefined;
  readonly notes: readonly string[];
}

/** Everything that a source holds. */
export async function readContent(source: DataSource, options: ContentOptions = {}): Promise<ReadContent> {
  const content = await openContent(source, options);
  let text = '';
  for await (const piece of content.pieces) text += piece.text;
  const { files, encoding, columns, notes } = content;
  return {
    text,
    files,
    encoding,
    columns: columns?.map(({ name, type }) => `${name}:${type}`).join(' '),
    notes: notes.map(({ message }) => message),
  };
}
