import { readFile } from 'node:fs/promises';
import { allocate } from '../compression/allocate.ts';
import type { FieldStatistics } from '../compression/allocation.ts';
import type { AllocationRequest } from '../compression/method.ts';
import { defaultSettings } from '../settings/settings.ts';
import { UsageError } from './usage.ts';
import {
  choiceFlag,
  type CommandSpec,
  countFlag,
  type Flag,
  type Flags,
  type FlagValues,
  parseFlags,
  settingFlags,
  switchFlag,
  textFlag,
} from './flags.ts';

const cardinalities: Flag<readonly number[]> = {
  placeholder: 'N,N,…',
  help: 'Rows of every field.',
  parse: (text) =>
    text.split(',').map((cell) => {
      const rows = /^\s*\d+\s*$/.test(cell) ? Number(cell) : Number.NaN;
      if (rows >= 1 && rows < 2 ** 32) return rows;
      throw new UsageError(`“${cell}” is no number of rows`, 'Give whole numbers from 1, as 1460,583,305.');
    }),
};

const command = {
  name: 'allocate',
  summary: 'Solves α and a budget (or a base dim) for the dim of every field, and prints one line of JSON.',
  usage: '--cardinalities N,N,… --alpha A (--base-dim D | --budget N) [flags]',
  flags: {
    cardinalities,
    counts: textFlag(
      'FILE',
      'Lookups of every row, a line per field: 120,7,7,1. Needed for --blocks; stands in for --cardinalities.',
    ),
    baseDim: countFlag('D', 'Dim of the most popular rows; the total follows. Or give --budget.', [1, 4096]),
    ...settingFlags(['budget', 'method', 'alpha', 'rounding', 'blocks', 'popularity', 'maxDim']),
    rule: choiceFlag(['dlrm'], 'Solve as DLRM’s code does, which overshoots the budget.'),
    json: switchFlag('Print JSON; it is what allocate prints anyway.'),
  },
} satisfies CommandSpec<Flags>;

/** One line: {"baseDim", "dims", "embeddingParameters", "projectionParameters", "parameters", "budget"}. */
export async function allocateCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  const allocation = allocate(await readFields(flags), toRequest(flags));
  const { baseDim, embeddingParameters, projectionParameters, parameters, budget } = allocation;
  const dims = allocation.blocks.map((block) => block.dim);
  const line = { baseDim, dims, embeddingParameters, projectionParameters, parameters, budget };
  if (budget !== null && parameters > budget) {
    process.stderr.write(
      `Rule dlrm stores ${parameters} parameters, ${(parameters / budget).toFixed(2)} times the budget of ${budget}: ` +
        'it floors and rounds after solving. Leave --rule out for a hard budget.\n',
    );
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return 0;
}

type Values = FlagValues<typeof command.flags>;

async function readFields({ cardinalities, counts }: Values): Promise<readonly FieldStatistics[]> {
  if (counts === undefined) {
    if (!cardinalities) throw missing('--cardinalities', 'the rows of every field, as 1460,583,305');
    return cardinalities.map((cardinality, i) => ({ name: `field ${i + 1}`, cardinality }));
  }
  const fields = await readCounts(counts);
  const counted = fields.map((field) => field.cardinality);
  if (cardinalities && cardinalities.join() !== counted.join()) {
    throw new UsageError(
      `--cardinalities and ${counts} disagree.`,
      `Leave --cardinalities out: the file counts ${counted.length > 8 ? `${counted.length} fields` : counted.join()}.`,
    );
  }
  return fields;
}

function toRequest(flags: Values): AllocationRequest {
  const { budget, baseDim, rule, json: _, cardinalities: __, counts: ___, ...given } = flags;
  const { method, alpha, rounding, blocks, popularity, maxDim } = { ...defaultSettings, ...given };
  const common = { method, alpha, rounding, blocks, popularity, maxDim, rule };
  if (rule && method === 'uniform')
    throw new UsageError('--rule dlrm is no rule of uniform.', 'Leave it out.');
  if (typeof budget === 'number') {
    if (baseDim !== undefined) throw new UsageError('--budget and --base-dim are both given.', 'Give one.');
    return { ...common, budget };
  }
  if (baseDim === undefined) throw missing('--budget', 'a number of parameters, as 67.5M, or --base-dim');
  return { ...common, baseDim };
}

function missing(flag: string, what: string): UsageError {
  return new UsageError(`${flag} is missing.`, `Give ${what}.`);
}

/**
 * Reads lookup counts: a text file with one line per field, in field order, each the lookups of
 * every row separated by commas (`120,7,7,1`); the number of counts is the field's cardinality and
 * their order is free. Throws UsageError naming file, line and count.
 */
export async function readCounts(path: string): Promise<readonly FieldStatistics[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${String(error)}`, 'Check the path after --counts.');
  });
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line, i) => {
    const counts = line.split(',').map((cell, j) => {
      const count = /^\s*\d+\s*$/.test(cell) ? Number(cell) : Number.NaN;
      if (count < 2 ** 32) return count;
      throw new UsageError(
        `${path}, line ${i + 1}, count ${j + 1}: “${cell.slice(0, 20)}” is not a whole number below 2^32.`,
        'Write one line per field: the lookups of every row, separated by commas.',
      );
    });
    const byPopularity = Uint32Array.from(counts).toSorted().toReversed();
    return { name: `field ${i + 1}`, cardinality: counts.length, counts: byPopularity };
  });
}
