import { expect, test } from 'vitest';
import type { LoadReport } from '../../../src/data/dataset.ts';
import { DataError } from '../../../src/data/containers/errors.ts';
import { inspect, load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { Random } from '../../../src/random/random.ts';
import { avazuFile, criteoLine, lines, ratingLine, sourceOf } from './sources.ts';

/** Files a format; DIMMER_FUZZ asks for more. */
const filesEach = Number(process.env['DIMMER_FUZZ'] ?? 10_000);
/** A file of a few kB that takes longer hangs. */
const longestMs = 2000;

const table = `click;user;"city, town";price;when\n${lines(60, (i) => `${i % 2};u${i % 9};"c ""${i % 5}""";${i},5;${1 + (i % 28)}.3.2024`)}`;
const files: Readonly<Record<string, string>> = {
  criteo: lines(40, criteoLine),
  avazu: avazuFile(50),
  'movielens-tab': lines(60, ratingLine('\t')),
  'movielens-colons': lines(60, ratingLine('::')),
  'movielens-csv': `userId,movieId,rating,timestamp\n${lines(60, ratingLine(','))}`,
  table,
};

/** What breaks parsers: separators, quotes, line ends, numbers and words of every kind, and other bytes. */
const pieces = [
  ',',
  ';',
  '\t',
  '|',
  '::',
  '"',
  '""',
  '\\"',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\u00a0',
  '#',
  'sep=;\n',
  '-',
  '1e309',
  '1e39',
  '0x10',
  '-0',
  '007',
  '9007199254740993',
  '1.234.567,89',
  '31/12/2024',
  'NaN',
  'inf',
  'constructor',
  '__proto__',
  '\uFEFF',
  '👍',
  '\u0000',
  'x'.repeat(5000),
  ','.repeat(12_000),
];

function mutate(text: string, random: Random): string {
  let mutated = text;
  const changes = 1 + random.below(8);
  for (let change = 0; change < changes; change++) {
    const from = random.below(mutated.length + 1);
    const to = Math.min(mutated.length, from + random.below(random.below(4) === 0 ? 400 : 6));
    const rest = mutated.slice(to);
    const insert = [
      () => pieces[random.below(pieces.length)],
      () => '',
      () => mutated.slice(from, to).repeat(3),
      () => String.fromCodePoint(random.below(0x2fff)),
    ][random.below(4)]();
    mutated = mutated.slice(0, from) + insert + rest;
  }
  return mutated;
}

/** Of a log without a label: lines that repeat a user and an item are told in a warning, with their number. */
function repeatedPairs({ warnings }: LoadReport): number {
  const said = warnings.find(({ kind }) => kind === 'repeated-pairs')?.message ?? '0';
  return Number(/^[\d,]+/.exec(said)![0].replaceAll(',', ''));
}

for (const [format, text] of Object.entries(files)) {
  test(`mutated ${format} files end in a data set that accounts for every line, or in words`, async () => {
    const random = new Random(15, `fuzz ${format}`);
    for (let file = 0; file < filesEach; file++) {
      const source = sourceOf(mutate(text, random), `${format} ${file}`);
      const start = process.cpuUsage();
      try {
        if (file % 4 === 0) expect((await inspect(source)).columns.length).toBeGreaterThan(0);
        const { examples, report, labels, numbers } = await load(source, defaultLoadOptions);
        const skipped = report.skipped.reduce((sum, { count }) => sum + count, 0);
        expect([file, report.linesRead]).toEqual([file, examples + skipped + repeatedPairs(report)]);
        expect(labels.every(Number.isFinite) && numbers.every(Number.isFinite)).toBe(true);
      } catch (error) {
        if (!(error instanceof DataError))
          throw new Error(`${format} ${file}: ${String(error)}`, { cause: error });
        expect(error.remedy).not.toBe('');
      }
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1000).toBeLessThan(longestMs);
    }
  }, 300_000);
}
