import { ByteStream } from './byteStream.ts';
import type { DataSource } from './dataSource.ts';
import { DataError } from './errors.ts';
import { gunzip } from './gzip.ts';
import { compareNames, isDocument, isHidden } from './names.ts';
import { hold, openSlices, type RandomAccess } from './randomAccess.ts';
import { readBlocks, type Reading } from './reading.ts';
import { recogniseBytes, type Refused, signatureBytes } from './signatures.ts';
import { readTar, tooManyEntries } from './tar.ts';
import { readZip } from './zip.ts';
import { unzstd } from './zstd.ts';

/** A file that is no container. To be read before the next one is asked for, if at all. */
export interface Leaf {
  /** From the outermost container to the file, for messages: `criteo.tar.gz › train.txt`. */
  readonly path: string;
  /** The same within an archive or a folder; null: it lies in none. */
  readonly entry: string | null;
  readonly kind: 'text' | 'parquet' | Refused;
  readonly bytes: ByteStream;
  access(): Promise<RandomAccess>;
}

interface Node {
  readonly path: string;
  readonly entry: string | null;
  readonly depth: number;
  readonly bytes: ByteStream;
  access(): Promise<RandomAccess>;
}

/**
 * Every file in a source that is no container itself, whatever it lies in: those of a zip archive and of a folder in natural order
 * of their names, those of a tar archive as they come. Hidden files and documents are passed over. Throws DataError.
 */
export async function* readLeaves(source: DataSource, reading: Reading): AsyncGenerator<Leaf> {
  const { parts, name } = source;
  if (!parts) {
    yield* descend(openSource(source, null, reading), reading);
    return;
  }
  if (parts.length > reading.limits.entries) throw tooManyEntries(name, reading.limits.entries);
  for (const part of parts) {
    if (!isDocument(part.name)) yield* descend(openSource(part, part.name, reading), reading);
  }
}

/** True: which files there are is known before any of them is read. */
export async function hasDirectory(source: DataSource, reading: Reading): Promise<boolean> {
  if (source.parts) return true;
  const bytes = new ByteStream(readBlocks(source, reading));
  const { kind } = recogniseBytes(await bytes.peek(signatureBytes));
  await bytes.close();
  return kind === 'zip';
}

function openSource(source: DataSource, entry: string | null, reading: Reading): Node {
  const bytes = new ByteStream(readBlocks(source, reading));
  return {
    path: source.name,
    entry,
    depth: 0,
    bytes,
    async access() {
      if (!source.slice) return hold(bytes, source.name, reading);
      await bytes.close();
      return openSlices(source, reading);
    },
  };
}

async function* descend(node: Node, reading: Reading): AsyncGenerator<Leaf> {
  const { path, entry, depth, bytes } = node;
  const { limits } = reading;
  try {
    const signature = recogniseBytes(await bytes.peek(signatureBytes));
    const { kind } = signature;
    if (kind === 'text' || kind === 'parquet' || kind === 'refused') {
      yield { path, entry, bytes, access: () => node.access(), kind: kind === 'refused' ? signature : kind };
      return;
    }
    if (depth === limits.depth) {
      throw new DataError(
        `it lies in ${depth} containers and is another one: ${limits.depth} are the limit.`,
        { file: path },
        'Unpack it yourself and drop what comes out.',
      );
    }
    const inner = (pieces: AsyncGenerator<Uint8Array>) => {
      const unpacked = new ByteStream(pieces);
      return descend(
        { path, entry, depth: depth + 1, bytes: unpacked, access: () => hold(unpacked, path, reading) },
        reading,
      );
    };
    if (kind === 'gzip') yield* inner(gunzip(bytes, path, reading));
    else if (kind === 'zstd') yield* inner(unzstd(bytes, path, reading));
    else {
      const entries = kind === 'tar' ? readTar(bytes, path, reading) : listZip(node, reading);
      for await (const { name, open } of entries) {
        if (isHidden(name) || isDocument(name)) continue;
        const content = open();
        yield* descend(
          {
            path: `${path} › ${name}`,
            entry: entry === null ? name : `${entry}/${name}`,
            depth: depth + 1,
            bytes: content,
            access: () => hold(content, `${path} › ${name}`, reading),
          },
          reading,
        );
      }
    }
  } finally {
    await bytes.close();
  }
}

async function* listZip(node: Node, reading: Reading) {
  const entries = await readZip(await node.access(), node.path, reading);
  yield* entries.toSorted((a, b) => compareNames(a.name, b.name));
}
