import { type ChildProcess, spawn } from 'node:child_process';

export interface Ended {
  /** null: by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout and stderr together have this, '' at the first output; rejects when the process ends without it. */
  said(text: string): Promise<void>;
}

/**
 * The command line in a process of its own. `program`: what bundleDimmer gave. `limit`: a command of sh that comes before it, as
 * `ulimit -f 8`.
 */
export function startDimmer(program: string, args: readonly string[], limit?: string): Running {
  const child = limit
    ? spawn('sh', ['-c', `${limit}; exec "$@"`, 'sh', process.execPath, program, ...args])
    : spawn(process.execPath, [program, ...args]);
  const written = { stdout: '', stderr: '' };
  const waiting: { text: string; resolve(): void; reject(error: Error): void }[] = [];
  const has = (text: string): boolean =>
    written.stdout.length + written.stderr.length > 0 &&
    `${written.stdout}\n${written.stderr}`.includes(text);
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.on('data', (bytes: Buffer) => {
      written[name] += bytes.toString();
      for (const each of waiting) if (has(each.text)) each.resolve();
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const each of waiting)
        each.reject(new Error(`“${each.text}” was not said in:\n${written.stdout}${written.stderr}`));
      resolve({ code, signal, ...written });
    });
  });
  return {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        if (has(text)) resolve();
        else waiting.push({ text, resolve, reject });
      }),
  };
}
