import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In the environment of a process that helps another one. */
const MARK = 'DIMMER_HELPER';
const KEPT_OF_STDERR = 2000;
const FAILED = 1;
/** Exit codes from here on are of commands that a signal has ended. */
const SIGNALLED = 128;

/** Whether this process was started by startHelpers. It then trains its share, and starts no others. */
export const isHelper = process.env[MARK] !== undefined;

/** Processes that run the same command beside this one, with the same file of results. They end when this one does, however it ends. */
export interface Helpers {
  /** Resolves when all of them are gone; they give up the runs that they have not finished. */
  stop(): Promise<void>;
}

/** Starts `count` processes with the arguments of this one. */
export function startHelpers(count: number, args: readonly string[]): Helpers {
  const children = Array.from({ length: count }, () => startHelper(args));
  return {
    async stop() {
      for (const { child } of children) if (child.connected) child.disconnect();
      await Promise.all(children.map(({ gone }) => gone));
    },
  };
}

interface Helper {
  readonly child: ChildProcess;
  /** Resolves when it has ended, or could not be started. */
  readonly gone: Promise<void>;
}

function startHelper(args: readonly string[]): Helper {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1], ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  let said = '';
  child.stderr!.on('data', (bytes: Buffer) => {
    said = `${said}${bytes.toString()}`.slice(-KEPT_OF_STDERR);
  });
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      tell(error.message);
      resolve();
    });
    child.on('exit', (code, signal) => {
      // A run that cannot be trained is told of by this process too, which then tries it.
      if (signal !== null || (code !== null && code > FAILED && code < SIGNALLED))
        tell(signal ?? said.trim());
      resolve();
    });
  });
  return { child, gone };
}

function tell(reason: string): void {
  process.stderr.write(`A process that helped has ended: ${reason}\nIts runs are trained by the others.\n`);
}

/** Ends this process as SIGTERM does when the one that it helps is gone. */
export function endWithParent(): void {
  if (!isHelper) return;
  process.once('disconnect', () => {
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(143);
  });
}

/** A file for results that nobody asked to keep, and what removes it. */
export async function temporaryResults(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'dimmer-'));
  return { path: join(folder, 'runs.jsonl'), remove: () => rm(folder, { recursive: true, force: true }) };
}
