import type { Dataset } from '../../../src/data/dataset.ts';
import { DataError } from '../../../src/data/containers/errors.ts';
import { load } from '../../../src/data/load.ts';
import { type DataSource, defaultLoadOptions, type LoadOptions } from '../../../src/data/source.ts';

/** A file in memory that is read in pieces cut at `cuts` (byte offsets, rising). */
export function sourceOf(
  content: string | Uint8Array,
  name = 'file.csv',
  cuts: readonly number[] = [],
): DataSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    size: bytes.length,
    stream() {
      const edges = [0, ...cuts, bytes.length];
      let next = 1;
      return new ReadableStream({
        pull(controller) {
          if (next === edges.length) controller.close();
          else controller.enqueue(bytes.slice(edges[next - 1], edges[next++]));
        },
      });
    },
  };
}

export function loadText(
  content: string | Uint8Array,
  options: Partial<LoadOptions> = {},
  name?: string,
): Promise<Dataset> {
  return load(sourceOf(content, name), { ...defaultLoadOptions, ...options });
}

/** The DataError that loading ends with. */
export async function errorOf(loading: Promise<unknown>): Promise<DataError> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DataError)) throw new Error(`expected a DataError, got ${String(error)}`);
  return error;
}

/** `count` lines made by `line(i)`, each ended by a line feed. */
export function lines(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
}

/** A Criteo line: both labels, missing and negative numbers, empty tokens. */
export function criteoLine(i: number): string {
  const integers = Array.from({ length: 13 }, (_, j) =>
    (i + j) % 7 === 0 ? '' : String(((i * (j + 3)) % 50) - 2),
  );
  const tokens = Array.from({ length: 26 }, (_, j) =>
    (i + j) % 11 === 0 ? '' : ((i * i + j) % (5 + 3 * j)).toString(16),
  );
  return [i % 4 === 0 ? 1 : 0, ...integers, ...tokens].join('\t');
}

const avazuHeader =
  'id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,app_domain,app_category,device_id,device_ip,device_model,device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21';

const avazuLine = (i: number) =>
  [
    10_000 + i,
    i % 6 === 0 ? 1 : 0,
    `141021${String(Math.floor(i / 10) % 24).padStart(2, '0')}`,
    ...Array.from({ length: 21 }, (_, j) => (i * 7 + j) % (j + 2)),
  ].join(',');

export function avazuFile(count: number): string {
  return `${avazuHeader}\n${lines(count, avazuLine)}`;
}

/** user, item, rating, timestamp with `separator` between. */
export const ratingLine = (separator: string) => (i: number) =>
  [(i % 23) + 1, ((i * 7) % 41) + 1, (i % 9) / 2 + 0.5, 880_000_000 + ((i * 37) % 1000)].join(separator);

/** What must not depend on how a file was cut or named, as text. */
export function contentOf({ name: _name, report, ...rest }: Dataset): string {
  return JSON.stringify({ ...rest, report: { ...report, elapsedMs: 0 } }, (_key, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as Uint32Array) : value,
  );
}
