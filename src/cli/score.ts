import type { Backend } from '../backend/backend.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { Scorer } from '../training/scoring/scorer.ts';
import { scoreLines, type ScoreReport } from '../training/scoring/scoreLines.ts';
import { openScoredTable, type ScoredFormat } from '../training/scoring/scoredTable.ts';
import { openRun, type SavedRun } from '../training/weights/runFile.ts';
import { choiceFlag, type CommandSpec, type Flags, type FlagValues, parseFlags, textFlag } from './flags.ts';
import { openBackend } from './openBackend.ts';
import { dataFlags, requireData } from './openData.ts';
import { openDataSource, openFile } from './openFiles.ts';
import { heedSignals } from './signals.ts';
import { openStatusLine } from './statusLine.ts';
import { UsageError } from './usage.ts';
import { tryWholeWrite, writeWhole } from './wholeFile.ts';

const command = {
  name: 'score',
  summary:
    'Predicts every line of a file with a model that train --save wrote: a table with the line, the prediction, the label where there ' +
    'is one, and how many values of the line have no row of their own. Then one line of JSON with counts and metrics.',
  usage: '--model FILE --data FILE --out FILE [flags]',
  flags: {
    model: textFlag('FILE', 'The model, as train --save or the page wrote it.'),
    data: dataFlags.data,
    entry: dataFlags.entry,
    encoding: dataFlags.encoding,
    out: textFlag('FILE', 'The table: Parquet if it ends in .parquet, otherwise CSV.'),
    backend: choiceFlag(['cpu', 'webgpu'], 'What computes. Default: cpu.'),
  },
} satisfies CommandSpec<Flags>;

type Values = FlagValues<typeof command.flags>;

/** Throws UsageError, DataError, TrainingError, BackendError, WriteError. */
export async function scoreCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  const { model, out } = flags;
  if (model === undefined)
    throw new UsageError('--model is missing.', 'Give a file that train --save wrote.');
  if (out === undefined) throw new UsageError('--out is missing.', 'Give a file for the scores.');
  requireData(flags);
  await tryWholeWrite(out, '--out');
  const saved = await openRun(await openFile(model, '--model'));
  const backend = await openBackend(flags.backend ?? 'cpu');
  try {
    const report = await score(saved, backend, flags, out);
    tellRefused(report);
    process.stdout.write(`${JSON.stringify(summaryOf(report))}\n`);
    return 0;
  } finally {
    backend.destroy();
  }
}

async function score(saved: SavedRun, backend: Backend, flags: Values, out: string): Promise<ScoreReport> {
  const source = await openDataSource(requireData(flags));
  const scorer = await Scorer.open(saved, backend);
  const end = heedSignals('stopped');
  const status = openStatusLine();
  let report: ScoreReport | undefined;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const format: ScoredFormat = out.endsWith('.parquet') ? 'parquet' : 'csv';
    const table = await openScoredTable(format, saved.run.data.encoding!.task);
    const lines = scoreLines(saved, scorer, source, {
      encoding: flags.encoding ?? null,
      entry: flags.entry ?? null,
      signal: end.signal,
      onProgress: (bytes) => status.show(() => `${((100 * bytes) / source.size).toFixed(0)} % scored`),
    });
    for (let next = await lines.next(); ; next = await lines.next()) {
      if (next.done) {
        report = next.value;
        yield table.end();
        return;
      }
      yield table.add(next.value);
    }
  }
  try {
    await writeWhole(out, pieces());
    return report!;
  } catch (error) {
    if (end.signal.aborted) throw new UsageError('Stopped: no scores were written.', 'Score the file again.');
    throw error;
  } finally {
    status.clear();
    end.release();
    scorer.destroy();
  }
}

function tellRefused({ refused }: ScoreReport): void {
  for (const { reason, count, firstLine } of refused)
    process.stderr.write(
      `${count.toLocaleString('en')} ${count === 1 ? 'line' : 'lines'} not scored: ${reason}, first in line ${firstLine}.\n`,
    );
}

function summaryOf({ linesRead, scored, refused, hasLabel, labelled, measured, metrics }: ScoreReport): {
  readonly metrics: Metrics | null;
  readonly [count: string]: unknown;
} {
  return { linesRead, scored, refused, hasLabel, labelled, measured, metrics };
}
