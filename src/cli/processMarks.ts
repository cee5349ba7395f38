import { readFileSync, rmSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UsageError, WriteError } from './usage.ts';

/**
 * A file that tells other processes what this one is doing to the file beside it. Its name says which process made it, so that the
 * mark of a process that was killed counts for nothing and is swept away by whoever meets it.
 */
export interface Mark {
  readonly path: string;
  remove(): Promise<void>;
}

/** Word, and process: its number, its start, its machine. */
const MARK = /^([a-z0-9-]+)-((\d+)-(\d+)-([\w.]+))$/;
const LOCK_MS = 30_000;
const LONGEST_PAUSE_MS = 20;
/** Of two that start at once, one gets through. */
const START_TRIES = 10;

const host = hostname()
  .replaceAll(/[^\w.]/g, '_')
  .slice(0, 60);
const self = `${process.pid}-${startOf(process.pid) ?? 0}-${host}`;

/** Files that a process which ends at once takes with it. */
const atExit = new Set<string>();
let isWatching = false;

/** Where this process marks `path` with a word. */
export function markPath(path: string, word: string): string {
  return `${path}.${word}-${self}`;
}

/** Whoever else has marked `path` with this word and is alive. All marks of it by processes that are gone are removed. */
export async function holdersOf(path: string, word: string): Promise<readonly string[]> {
  const prefix = `${basename(path)}.`;
  const folder = dirname(path);
  const alive: string[] = [];
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const [, marked, owner, pid, start, machine] = MARK.exec(name.slice(prefix.length)) ?? [];
    if (marked === undefined || owner === self) continue;
    if (!isAlive(Number(pid), Number(start), machine)) await rm(join(folder, name), { force: true });
    else if (marked === word) alive.push(join(folder, name));
  }
  return alive;
}

/** The mark, if no other process that is alive has it; otherwise the path of the other's. Rejects with errors of the file system. */
export async function markAlone(path: string, word: string): Promise<Mark | string> {
  const own = markPath(path, word);
  try {
    await (await open(own, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return own;
    throw error;
  }
  const keep = removeAtExit(own);
  const mark = { path: own, remove: () => rm(own, { force: true }).finally(keep) };
  // Looked for after the own one is there: of two processes that do this at once, at least one sees the other.
  const [other] = await holdersOf(path, word);
  if (other === undefined) return mark;
  await mark.remove();
  return other;
}

/**
 * Does something to a file while no other process does. Rejects with WriteError when another has it for half a minute, and with
 * errors of the file system.
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + LOCK_MS;
  for (;;) {
    const mark = await markAlone(path, 'lock');
    if (typeof mark !== 'string') return action().finally(mark.remove);
    if (performance.now() > untilMs)
      throw new WriteError(
        `Another process has been writing to ${path} for half a minute.`,
        `Wait for it; if it is gone, delete ${mark}.`,
      );
    // Of random length, so that two that wait for each other part.
    await delay(1 + Math.random() * LONGEST_PAUSE_MS);
  }
}

/** Keeps other processes from training the run whose checkpoints lie at `base`. Rejects with UsageError where one does. */
export async function lockRun(base: string): Promise<Mark> {
  for (let tries = 0; ; tries++) {
    const mark = await markAlone(base, 'lock');
    if (typeof mark !== 'string') return mark;
    if (tries === START_TRIES)
      throw new UsageError(
        `Another process is training the run of ${base}.`,
        `Wait for it, or give another file; if it is gone, delete ${mark}.`,
      );
    await delay(1 + Math.random() * LONGEST_PAUSE_MS);
  }
}

/** Removes a file if the process ends before the function that is returned was called. */
export function removeAtExit(path: string): () => void {
  atExit.add(path);
  if (!isWatching) {
    isWatching = true;
    process.on('exit', () => {
      for (const each of atExit) rmSync(each, { force: true });
    });
  }
  return () => void atExit.delete(path);
}

/** Of a process of another machine that shares the folder it cannot be told: it counts as alive. */
function isAlive(pid: number, start: number, owner: string): boolean {
  if (owner !== host) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return start === 0 || (startOf(pid) ?? start) === start;
}

/** When a process was started, in ticks since the boot: its number may be given out again. undefined: Linux alone tells. */
function startOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}
