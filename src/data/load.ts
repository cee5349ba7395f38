import type { Dataset } from './dataset.ts';
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
import { Pace } from './pace.ts';
import { readText } from './readText.ts';
import { generateClicks } from './samples/clicks.ts';
import { clicksParameters } from './samples/clicksParameters.ts';
import { generateRatings, ratingsParameters } from './samples/ratings.ts';
import { chooseLayout, firstRows, readHead } from './sniff.ts';

export type SampleId = 'clicks' | 'ratings';

/** Lines in a preview. */
const previewRows = 20;

/** Reads enough of the file to know its format, columns and first rows. Throws DataError. */
export async function inspect(source: DataSource, signal?: AbortSignal): Promise<Preview> {
  const head = await readHead(source, signal);
  const layout = chooseLayout(head, defaultLoadOptions, source.name);
  const rows = firstRows(head, layout, source.name);
  return {
    format: layout.format,
    task: layout.labels === 'any' ? guessTask(layout, rows) : layout.labels,
    columns: layout.columns.map(({ name, role }) => ({ name, role })),
    rows: rows.slice(0, previewRows),
    sizeBytes: source.size,
    rolesAreGuessed: layout.format === 'table',
  };
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
  const head = await readHead(source, signal);
  const loader = new FileLoader(chooseLayout(head, options, source.name), options, source.name);
  const guard = new MemoryGuard(memory, source.name, options.maxExamples);
  let bytesRead = 0;
  for await (const { text, bytes } of readText(source, signal)) {
    loader.push(text);
    guard.check(loader.size, loader.lines, bytes / source.size);
    bytesRead = bytes;
    onProgress?.({ rows: loader.lines, bytes, totalBytes: source.size });
  }
  const { dataset, report } = await new Pace(signal).run(loader.finish());
  return { ...dataset, report: { ...report, bytesRead, elapsedMs: performance.now() - startMs } };
}

/** Generates a built-in sample; the same bits every time. */
export function loadSample(sample: SampleId): Dataset {
  return sample === 'clicks' ? generateClicks(clicksParameters) : generateRatings(ratingsParameters);
}
