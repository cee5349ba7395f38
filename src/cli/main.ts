import { SettingError } from '../settings/parseSetting.ts';
import { HelpRequest, nearest, UsageError } from './usage.ts';

interface Subcommand {
  readonly summary: string;
  /** Answers with the exit code. */
  run(args: readonly string[]): Promise<number>;
}

// Imported when called: a command does not wait for the code of the others.
const commands: Readonly<Record<string, Subcommand>> = {
  allocate: {
    summary: 'Solve α and a budget (or a base dim) for the dim of every field.',
    run: async (args) => (await import('./allocate.ts')).allocateCommand(args),
  },
  inspect: {
    summary: 'Say what a file holds: format, columns, cardinalities, skipped lines.',
    run: async (args) => (await import('./inspect.ts')).inspectCommand(args),
  },
  train: {
    summary: 'Train a model on a file or a built-in sample.',
    run: async (args) => (await import('./train.ts')).trainCommand(args),
  },
  score: {
    summary: 'Predict every line of a file with a saved model.',
    run: async (args) => (await import('./score.ts')).scoreCommand(args),
  },
  spectrum: {
    summary: 'Say what the tables of a saved run hold: singular values, ranks, rows that matter.',
    run: async (args) => (await import('./spectrum.ts')).spectrumCommand(args),
  },
  compare: {
    summary: 'Train methods × budgets × settings × seeds and compare them in a table.',
    run: async (args) => (await import('./compare.ts')).compareCommand(args),
  },
  search: {
    summary: 'Find the settings with which methods do best at their budgets, and the front.',
    run: async (args) => (await import('./search.ts')).searchCommand(args),
  },
  data: {
    summary: 'List the encoded data sets that are kept for the next start, or remove them.',
    run: async (args) => (await import('./data.ts')).dataCommand(args),
  },
  merge: {
    summary: 'Put the results of several machines together.',
    run: async (args) => (await import('./merge.ts')).mergeCommand(args),
  },
};

const SUCCEEDED = 0;
const FAILED = 1;
const MISUSED = 2;

/** Runs a command line; results go to stdout, all else to stderr. Answers with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (error instanceof HelpRequest) {
      process.stdout.write(error.message);
      return SUCCEEDED;
    }
    process.stderr.write(`${explain(error)}\n`);
    return error instanceof UsageError || error instanceof SettingError ? MISUSED : FAILED;
  }
}

async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) throw new UsageError('A command is missing.', generalHelp());
  if (name === 'help' && rest.length > 0) return dispatch([rest[0], '--help']);
  if (name === 'help' || name === '--help' || name === '-h') throw new HelpRequest(generalHelp());
  if (Object.hasOwn(commands, name)) return commands[name].run(rest);
  const meant = nearest(name, Object.keys(commands));
  throw new UsageError(`There is no command “${name}”.`, meant ? `Did you mean ${meant}?` : generalHelp());
}

function generalHelp(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return `Usage: dimmer <command> …\n\n${lines.join('\n')}\n  help      The flags of a command: dimmer help allocate\n`;
}

/** Errors that people can act on carry a remedy; of any other the stack is what helps. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('remedy' in error) return `${error.message}\n${String(error.remedy)}`;
  return error.stack ?? error.message;
}
