import { type Content, type ContentNote, openContent, type TextPiece } from './containers/content.ts';
import type { DataWarning, Dataset } from './dataset.ts';
import { FileLoader } from './fileLoader.ts';
import { guessTask } from './roles.ts';
import {
  type DataSource,
  defaultLoadOptions,
  type LoadOptions,
  type LoadProgress,
  type MemoryLimits,
  type Preview,
} from './source.ts';
import { MemoryGuard } from './memoryGuard.ts';
import { Pace } from './containers/pace.ts';
import { generateClicks } from './samples/clicks.ts';
import { clicksParameters } from './samples/clicksParameters.ts';
import { generateRatings, ratingsParameters } from './samples/ratings.ts';
import { chooseLayout, firstRows, isKnownFormat, readHead } from './sniff.ts';

export type SampleId = 'clicks' | 'ratings';

/** Lines in a preview. */
const previewRows = 20;

/** Reads enough of the file to know its format, columns and first rows. Throws DataError. */
export async function inspect(
  source: DataSource,
  signal?: AbortSignal,
  options: Pick<LoadOptions, 'encoding' | 'entry'> = {},
): Promise<Preview> {
  const content = await open(source, options, signal);
  const { head } = await readHead(content, source.name).finally(() => content.close());
  const layout = chooseLayout(head, defaultLoadOptions, source.name);
  const rows = firstRows(head, layout, source.name);
  return {
    format: layout.format,
    task: layout.labels === 'any' ? guessTask(layout, rows) : layout.labels,
    columns: layout.columns.map(({ name, role }) => ({ name, role })),
    rows: rows.slice(0, previewRows),
    sizeBytes: source.size,
    rolesAreGuessed: layout.format === 'table',
    contents: {
      files: [...content.files],
      encoding: content.encoding,
      columns: content.columns,
      notes: content.notes,
    },
  };
}

function open(
  source: DataSource,
  { encoding, entry }: Pick<LoadOptions, 'encoding' | 'entry'>,
  signal: AbortSignal | undefined,
): Promise<Content> {
  return openContent(source, { encoding, entry, recognises: isKnownFormat }, signal);
}

/**
 * Streams the whole file into a Dataset in bounded memory: what is kept, not what is read (the
 * dictionaries also hold the values of lines that the reservoir kept for a while: with m lines and
 * n slots, those of about n·(1 + ln(m/n)) lines).
 * For a 'table', two-valued labels make it a click task (the larger is a click); otherwise it is a
 * rating task, for which number columns are left out.
 * Throws DataError (file, line, column, remedy), also before more memory is taken than `memory` allows; rejects with the signal's
 * reason when aborted.
 */
export async function load(
  source: DataSource,
  options: LoadOptions,
  onProgress?: (progress: LoadProgress) => void,
  signal?: AbortSignal,
  memory: MemoryLimits = { heapBytes: Infinity, totalBytes: Infinity },
): Promise<Dataset> {
  const startMs = performance.now();
  const content = await open(source, options, signal);
  try {
    const { head, bytes: headBytes } = await readHead(content, source.name);
    const pieces = replay({ text: head.text, bytes: headBytes }, content.pieces);
    const loader = new FileLoader(chooseLayout(head, options, source.name), options, source.name);
    const guard = new MemoryGuard(memory, source.name, options.maxExamples);
    let bytesRead = 0;
    for await (const { text, bytes } of pieces) {
      loader.push(text);
      guard.check(loader.size, loader.lines, bytes / source.size);
      bytesRead = bytes;
      onProgress?.({ rows: loader.lines, bytes, totalBytes: source.size });
    }
    const { dataset, report } = await new Pace(signal).run(loader.finish());
    const warnings = [...content.notes.map(warnOfContents), ...report.warnings];
    return { ...dataset, report: { ...report, warnings, bytesRead, elapsedMs: performance.now() - startMs } };
  } finally {
    await content.close();
  }
}

/** The beginning, which was looked at, and then what follows it. */
async function* replay(head: TextPiece, rest: AsyncGenerator<TextPiece>): AsyncGenerator<TextPiece> {
  yield head;
  yield* rest;
}

function warnOfContents({ message, remedy }: ContentNote): DataWarning {
  return { kind: 'contents', column: null, message, remedy };
}

/** Generates a built-in sample; the same bits every time. */
export function loadSample(sample: SampleId): Dataset {
  return sample === 'clicks' ? generateClicks(clicksParameters) : generateRatings(ratingsParameters);
}
