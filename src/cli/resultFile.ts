import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BackendId, defaultSettings, type Settings } from '../settings/settings.ts';
import { writeBytes } from '../quantities/quantities.ts';
import { type ComparisonLine, formatLine, parseLine } from './comparisonLine.ts';
import { type Mark, markAlone, withLock } from './processMarks.ts';
import { UsageError, WriteError } from './usage.ts';
import { flushFolder, reasonOf, tryWholeWrite, writeAll } from './wholeFile.ts';

/** No results come near it, and a text of more cannot be held. */
const LARGEST_BYTES = 2 ** 28;

/** Whose a run is: this process's, which trains it now, or another's; or the line of it, if it has ended. */
export type Claim = 'own' | 'elsewhere' | ComparisonLine;

/**
 * Names a run by its settings and its data. Settings at their defaults are left out, so that a new
 * setting does not make old results unknown.
 */
export function runKey(settings: Settings, dataFingerprint: string, backend: BackendId): string {
  const given = Object.entries({ ...settings, backend })
    .filter(([name, value]) => value !== defaultSettings[name as keyof Settings])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([dataFingerprint, given]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Where lines go, and who trains which run. */
export type Results = Pick<ResultFile, 'find' | 'claim' | 'release' | 'append' | 'path' | 'problems'>;

/** Nobody asked for a file, and no other process takes part. */
export const unkept: Results = {
  path: '',
  problems: [],
  find: () => undefined,
  claim: () => Promise.resolve('own'),
  release: () => Promise.resolve(),
  append: () => Promise.resolve(),
};

/** Names a run that is trained up to a step. */
export function rungKey(key: string, untilStep: number): string {
  return createHash('sha256').update(`${key} ${untilStep}`).digest('hex').slice(0, 16);
}

/**
 * Lines of finished runs, one JSON object each, to which several processes may append at once: each claims a run before it trains it.
 * What a killed process has claimed is free again.
 */
export class ResultFile {
  readonly path: string;
  /** Lines that are not used, and why. They stay in the file. */
  readonly problems: string[] = [];
  readonly #lines = new Map<string, ComparisonLine>();
  readonly #claims = new Map<string, Mark>();
  #readBytes = 0;
  #readLines = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** A file that is not there yet is empty. Rejects with UsageError if it cannot be read and appended to; `flag` gave the path. */
  static async open(path: string, flag: string): Promise<ResultFile> {
    const remedy = `Check the path after ${flag}.`;
    await tryWholeWrite(path, flag); // there is room beside it
    const file = new ResultFile(path);
    try {
      await (await open(path, 'a')).close();
      await withLock(path, () => file.#read());
    } catch (error) {
      if (error instanceof UsageError || error instanceof WriteError) throw error;
      throw new UsageError(`${path} cannot be written: ${reasonOf(error, dirname(path))}.`, remedy);
    }
    return file;
  }

  /** Lines alone, of a file that others wrote. Rejects with UsageError where there is none. */
  static async read(path: string): Promise<Pick<ResultFile, 'path' | 'lines' | 'problems'>> {
    const file = new ResultFile(path);
    await file.#read().catch((error: unknown) => {
      if (error instanceof UsageError) throw error;
      throw new UsageError(
        `${path} cannot be read: ${reasonOf(error, path)}.`,
        'Check the name of the file.',
      );
    });
    return file;
  }

  /** The line of a run that has ended, as far as is known without reading again. */
  find(key: string): ComparisonLine | undefined {
    return this.#lines.get(key);
  }

  /** All lines that were read or appended, in their order. */
  get lines(): readonly ComparisonLine[] {
    return [...this.#lines.values()];
  }

  /** Rejects with WriteError. */
  async claim(key: string): Promise<Claim> {
    return this.#guard(async () => {
      await this.#read();
      const line = this.#lines.get(key);
      if (line) return line;
      const mark = await markAlone(this.path, `claim-${key}`);
      if (typeof mark === 'string') return 'elsewhere';
      this.#claims.set(key, mark);
      return 'own';
    });
  }

  /** Gives a claimed run back without a line. */
  async release(key: string): Promise<void> {
    await this.#claims.get(key)?.remove();
    this.#claims.delete(key);
  }

  /** Gives all claimed runs back. */
  async close(): Promise<void> {
    for (const key of this.#claims.keys()) await this.release(key);
  }

  /** Appends the line of a run whole and flushed, or not at all. Rejects with WriteError. */
  async append(line: ComparisonLine): Promise<void> {
    await this.#guard(async () => {
      const file = await open(this.path, 'a+');
      try {
        const { size } = await file.stat();
        const separator = (await endsInLine(file, size)) ? '' : '\n';
        try {
          await writeAll(file, new TextEncoder().encode(`${separator}${formatLine(line)}\n`));
          await file.sync();
        } catch (error) {
          await file.truncate(size);
          throw error;
        }
      } finally {
        await file.close();
      }
      await flushFolder(dirname(this.path));
    });
    this.#lines.set(line.key, line);
    await this.release(line.key);
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await withLock(this.path, action);
    } catch (error) {
      if (error instanceof WriteError || error instanceof UsageError) throw error;
      throw new WriteError(
        `${this.path} was not written: ${reasonOf(error)}.`,
        'What it holds is whole. Make room there and start the same command again: it goes on with the runs that are missing.',
      );
    }
  }

  /** Reads what was appended since the last time. */
  async #read(): Promise<void> {
    const { size } = await stat(this.path);
    if (size === this.#readBytes) return;
    if (size < this.#readBytes) this.#forget(); // somebody has replaced it
    if (size > LARGEST_BYTES)
      throw new UsageError(
        `${this.path} is no file of results: it has ${writeBytes(size)}.`,
        'Check the path after --out.',
      );
    const text = (await readFile(this.path)).subarray(this.#readBytes).toString();
    const lines = text.split('\n');
    this.#readBytes = size;
    for (const [i, each] of lines.entries()) {
      if (each.trim() === '') continue;
      const line = parseLine(each);
      if ('problem' in line) this.problems.push(`line ${this.#readLines + i + 1} ${line.problem}`);
      else if (!this.#lines.has(line.key)) this.#lines.set(line.key, line);
    }
    this.#readLines += lines.length - 1;
  }

  #forget(): void {
    this.#lines.clear();
    this.#readBytes = 0;
    this.#readLines = 0;
  }
}

async function endsInLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read({ buffer: new Uint8Array(1), position: size - 1 });
  return buffer[0] === 0x0a;
}
