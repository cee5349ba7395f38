/** Signals that ask a command to end, and the exit codes of commands that they ended. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGPIPE: 0 } as const;

type Name = keyof typeof codes;

/** One Ctrl+C may come twice: from the terminal, and handed on by npm. */
const TWICE_MS = 500;

export interface EndSignal {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Of a command that ended for a signal; undefined: none came. */
  readonly exitCode: number | undefined;
  /** Leaves signals to Node again. */
  release(): void;
}

/**
 * Aborts at the first signal, for the given reason, so that what is done is kept; a later one ends the process at once. A reader of
 * stdout that is gone counts as a first signal too, but not as a later one: every line tells of it again.
 */
export function heedSignals(reason: string): EndSignal {
  const abort = new AbortController();
  let exitCode: number | undefined;
  let firstMs = 0;
  const heed = (name: Name) => (): void => {
    if (exitCode === undefined) {
      exitCode = codes[name];
      firstMs = performance.now();
      abort.abort(reason);
    } else if (name !== 'SIGPIPE' && performance.now() - firstMs > TWICE_MS) process.exit(codes[name]);
  };
  const handlers = (Object.keys(codes) as Name[]).map((name) => [name, heed(name)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return {
    signal: abort.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const [name, handler] of handlers) process.off(name, handler);
    },
  };
}
