import { differingSettings, withOwnHyperparameters } from '../comparison/hyperparameters.ts';
import type { TableStyle } from '../comparison/summary.ts';
import { comparisonTable } from './compareReport.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import { type CommandSpec, type Flags, parseFlags, switchFlag, textFlag } from './flags.ts';
import { ResultFile } from './resultFile.ts';
import { UsageError } from './usage.ts';

const command = {
  name: 'merge',
  summary:
    'Puts the runs of several files of results together, as of compare --shard, and prints their table: one a data set. A run that is in ' +
    'several counts once.',
  usage: 'FILE … [--out FILE] [flags]',
  flags: {
    out: textFlag('FILE', 'Appends the lines that it does not hold yet. Without it they go to stdout.'),
    markdown: switchFlag('The tables as Markdown.'),
    json: switchFlag('Lines of JSON alone: no tables.'),
  },
} satisfies CommandSpec<Flags>;

const FAILED = 1;

/** Exit code 1: a line of a file could not be used, or a run has two results that differ. Throws UsageError, WriteError. */
export async function mergeCommand(args: readonly string[]): Promise<number> {
  const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
  const paths = firstFlag < 0 ? args : args.slice(0, firstFlag);
  const flags = parseFlags(args.slice(paths.length), command);
  if (paths.length === 0) throw new UsageError('No file is given.', 'Give the files of --out to merge.');
  const out = flags.out === undefined ? undefined : await ResultFile.open(flags.out, '--out');
  const merged = new Map((out?.lines ?? []).map((line) => [line.key, line]));
  let faults = 0;
  for (const path of paths) {
    const file = await ResultFile.read(path);
    for (const problem of file.problems) say(`${path}: ${problem}. It is not used.`);
    faults += file.problems.length;
    for (const line of file.lines) {
      const known = merged.get(line.key);
      if (!known) {
        merged.set(line.key, line);
        await out?.append(line);
      } else if (outcomeOf(known) !== outcomeOf(line)) {
        faults++;
        say(
          `${path}: ${line.method}, seed ${line.seed}, has another result than in a file before it; the first counts.`,
        );
      }
    }
  }
  await out?.close();
  if (!out) for (const line of merged.values()) process.stdout.write(`${JSON.stringify(line)}\n`);
  if (!flags.json) printTables([...merged.values()], flags.markdown ? 'markdown' : 'text');
  return faults > 0 ? FAILED : 0;
}

/** What the same run gives on the same device: all but its times. */
function outcomeOf({ msPerStep: _m, seconds: _s, trainedOn: _t, ...rest }: ComparisonLine): string {
  return JSON.stringify(rest);
}

function printTables(lines: readonly ComparisonLine[], style: TableStyle): void {
  const whole = lines.filter(({ reason }) => reason !== 'stopped');
  for (const name of new Set(whole.map(dataOf))) {
    const own = whole.filter((line) => dataOf(line) === name);
    const differing = differingSettings(own.map(({ settings }) => withOwnHyperparameters(settings)));
    process.stderr.write(`\n${own[0].data}\n${comparisonTable(own, own[0].task, differing, style)}`);
  }
}

/** Files of one name may hold other examples. */
function dataOf({ data, fingerprint = '' }: ComparisonLine): string {
  return `${data} ${fingerprint}`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
