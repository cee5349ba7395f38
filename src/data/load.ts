import { type Content, type ContentNote, openContent, type TextPiece } from './containers/content.ts';
import type { DataWarning, Dataset } from './dataset.ts';
import { DataError } from './containers/errors.ts';
import { FileLoader } from './fileLoader.ts';
import { columnLabel, type Head, type Layout } from './formats/layout.ts';
import { nameColumns, tableLayout } from './formats/table.ts';
import { describeLabelReading } from './labelReading.ts';
import { isAmbiguousDate, type Profile } from './profile/profile.ts';
import { profileTable } from './profile/profileTable.ts';
import { readSample } from './profile/textSample.ts';
import { describePositives, withPositives } from './positives.ts';
import { type GuessedRole, guessTask } from './roles.ts';
import {
  type DataSource,
  defaultLoadOptions,
  type LoadOptions,
  type LoadProgress,
  type LoadResources,
  type Preview,
} from './source.ts';
import { MemoryGuard } from './memoryGuard.ts';
import { Pace } from './containers/pace.ts';
import { generateClicks } from './samples/clicks.ts';
import { clicksParameters } from './samples/clicksParameters.ts';
import { generateRatings, ratingsParameters } from './samples/ratings.ts';
import { firstRows, isKnownFormat, readHead, recognise } from './sniff.ts';
import { parseTime } from './timeText.ts';

export type SampleId = 'clicks' | 'ratings';

/** Bytes of a source that is read before other threads have started. */
const smallSource = 1 << 24;

/** Lines in a preview. */
const previewRows = 20;

interface Opened {
  readonly content: Content;
  readonly head: Head;
  /** All of its text, as what was looked at is replayed. */
  readonly pieces: AsyncGenerator<TextPiece>;
  readonly layout: Layout;
  /** null: of a known format, where nobody asked for it. */
  readonly profile: Profile | null;
  readonly guesses: readonly GuessedRole[] | null;
}

/** Opens and recognises a file, and profiles it where its columns are not known, or always. Throws DataError. */
async function open(
  source: DataSource,
  options: LoadOptions,
  always: boolean,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  const { encoding, entry } = options;
  const content = await openContent(source, { encoding, entry, recognises: isKnownFormat }, signal);
  try {
    return { content, ...(await look(source, content, options, always, signal)) };
  } catch (error) {
    await content.close();
    throw error;
  }
}

async function look(
  source: DataSource,
  content: Content,
  options: LoadOptions,
  always: boolean,
  signal: AbortSignal | undefined,
): Promise<Omit<Opened, 'content'>> {
  const file = source.name;
  const { head, taken } = await readHead(content, file);
  const pieces = replay(taken, content.pieces);
  const recognised = recognise(head, options, file);
  const { layout } = recognised;
  if (layout !== null && !always) {
    const own = withPositives(layout, options.positive, file);
    return { head, pieces, layout: own, profile: null, guesses: null };
  }
  const shape = layout === null ? recognised.shape : { ...layout, width: layout.columns.length };
  const names =
    layout === null ? nameColumns(recognised.shape).names : layout.columns.map(({ name }) => name);
  if (layout === null) {
    checkWidth('roles', options.roles, names, file);
    checkWidth('transforms', options.transforms, names, file);
  }
  const sample = await readSample(source, content, head, taken, signal);
  const profile = await new Pace(signal).run(profileTable(sample, shape, names, file));
  if (layout !== null) {
    return {
      head,
      pieces,
      layout: withPositives(layout, options.positive, file),
      profile,
      guesses: null,
    };
  }
  checkLists(options.splitCells, profile, file);
  const table = tableLayout(recognised.shape, profile, options, content.columns);
  refuseAmbiguousSplit(table, profile, options, file);
  return {
    head,
    pieces,
    layout: withPositives(table, options.positive, file),
    profile,
    guesses: table.guesses,
  };
}

function checkWidth(
  what: 'roles' | 'transforms',
  given: readonly unknown[] | null | undefined,
  names: readonly string[],
  file: string,
): void {
  if (!given || given.length === names.length) return;
  throw new DataError(
    `${given.length} ${what} were given for ${names.length} columns.`,
    { file, line: 1 },
    `Give one a column: ${names.join(', ')}.`,
  );
}

function checkLists(chosen: LoadOptions['splitCells'], { columns }: Profile, file: string): void {
  for (const { column, separator } of chosen ?? []) {
    const profile = columns.find(({ name }) => name === column);
    if (profile?.lists.some((list) => list.separator === separator)) continue;
    const names = columns.filter(({ lists }) => lists.length > 0).map(({ name }) => name);
    throw new DataError(
      profile
        ? `no cell of “${column}” is a list with “${separator}”.`
        : `there is no column “${column}” to split.`,
      { file },
      names.length > 0 ? `Columns with lists: ${names.join(', ')}.` : 'Leave it out: no column has lists.',
    );
  }
}

function refuseAmbiguousSplit(
  { columns }: Layout,
  profile: Profile,
  { splitBy, dateOrder }: LoadOptions,
  file: string,
): void {
  const time = columns.findIndex(({ role }) => role === 'time');
  const isByTime = splitBy === 'time' || splitBy === 'leave-last-out';
  if (!isByTime || dateOrder || time === -1 || !isAmbiguousDate(profile.columns[time])) return;
  const [example] = profile.columns[time].examples;
  const [dayFirst, monthFirst] = (['day-first', 'month-first'] as const).map((order) =>
    new Date(parseTime(example, order)).toLocaleDateString('en-GB', {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      timeZone: 'UTC',
    }),
  );
  throw new DataError(
    `“${example}” may be ${dayFirst} or ${monthFirst}, and no date of the column decides: split by it, training could see the future.`,
    { file, column: columnLabel(columns, time) },
    'Say which it is (--date-order day-first or month-first), or split by hash.',
  );
}

/** Reads enough of the file to know its format, its columns and, of a table or always, what is in them. Throws DataError. */
export async function inspect(
  source: DataSource,
  signal?: AbortSignal,
  options: LoadOptions = defaultLoadOptions,
  profilesAlways = false,
): Promise<Preview> {
  const { content, head, layout, profile, guesses } = await open(source, options, profilesAlways, signal);
  await content.close();
  const { columns, format, warnings, labelReading } = layout;
  const label = columns.findIndex(({ role }) => role === 'label');
  return {
    format,
    task: layout.labels === 'any' ? guessTask(profile?.columns[label]) : layout.labels,
    columns: columns.map(({ name, role, transform }, i) => ({
      name,
      role,
      confidence: guesses?.[i].confidence ?? 'sure',
      reason: guesses?.[i].reason ?? 'the format says so',
      transform: role === 'number' ? (transform?.kind ?? 'log') : null,
      profile: profile?.columns[i] ?? null,
    })),
    rows: firstRows(head, layout, previewRows, source.name),
    sizeBytes: source.size,
    rolesAreGuessed: format === 'table',
    profiled: profile && {
      rows: profile.rows,
      unfit: profile.unfit,
      isWhole: profile.isWhole,
      sample: profile.sample,
    },
    labelReading:
      layout.labels === 'ranking'
        ? describePositives(layout)
        : label === -1
          ? null
          : describeLabelReading(labelReading),
    warnings: [...content.notes.map(warnOfContents), ...warnings],
    contents: {
      files: [...content.files],
      encoding: content.encoding,
      columns: content.columns,
      notes: content.notes,
    },
  };
}

/**
 * Streams the whole file into a Dataset in bounded memory: what is kept, not what is read. The result is the same to the byte
 * whatever threads encode it.
 * For a 'table', two-valued labels make it a click task (the larger is a click); otherwise it is a
 * rating task. Without a label, or with a rule for positives, it is a ranking of items for users.
 * Throws DataError (file, line, column, remedy), also before more memory is taken than there is; rejects with the signal's
 * reason when aborted.
 */
export async function load(
  source: DataSource,
  options: LoadOptions,
  onProgress?: (progress: LoadProgress) => void,
  signal?: AbortSignal,
  resources: LoadResources = { totalBytes: Infinity },
): Promise<Dataset> {
  const startMs = performance.now();
  const { content, pieces, layout } = await open(source, options, false, signal);
  let loader: FileLoader | null = null;
  const cancel = () => loader?.close(signal?.reason);
  signal?.addEventListener('abort', cancel);
  try {
    const threads = source.size < smallSource ? null : (resources.threads ?? null);
    loader = await FileLoader.open(layout, options, source.name, threads);
    const guard = new MemoryGuard(resources.totalBytes, source.name, options.maxExamples);
    const pace = new Pace(signal);
    let bytesRead = 0;
    for await (const { text, bytes } of pieces) {
      await loader.push(text);
      guard.check(loader.size, loader.lines, bytes / source.size);
      bytesRead = bytes;
      onProgress?.({ rows: loader.lines, bytes, totalBytes: source.size });
      await pace.pause();
    }
    const { dataset, report } = await loader.finish(pace);
    const warnings = [...content.notes.map(warnOfContents), ...report.warnings];
    return { ...dataset, report: { ...report, warnings, bytesRead, elapsedMs: performance.now() - startMs } };
  } finally {
    signal?.removeEventListener('abort', cancel);
    loader?.close(new Error('the load is over'));
    await content.close();
  }
}

/** What was looked at, each piece given away as it is read, and then what follows it. */
async function* replay(taken: TextPiece[], rest: AsyncGenerator<TextPiece>): AsyncGenerator<TextPiece> {
  for (let piece = taken.shift(); piece; piece = taken.shift()) yield piece;
  yield* rest;
}

function warnOfContents({ message, remedy }: ContentNote): DataWarning {
  return { kind: 'contents', column: null, message, remedy };
}

/** Generates a built-in sample; the same bits every time. */
export function loadSample(sample: SampleId): Dataset {
  return sample === 'clicks' ? generateClicks(clicksParameters) : generateRatings(ratingsParameters);
}
