import type { CategoryReading } from '../categoryReading.ts';
import type { TypedColumn } from '../containers/cells.ts';
import type { DataWarning } from '../dataset.ts';
import type { TableShape } from '../dialect.ts';
import { chooseLabelReading, type LabelReading } from '../labelReading.ts';
import { likelyList, listFields, warnOfList, warnOfWholeLists } from '../listFields.ts';
import { type ColumnProfile, isAmbiguousDate, type Profile } from '../profile/profile.ts';
import { findRoleProblem, type GuessedRole, guessRoles } from '../roles.ts';
import type { ColumnRole, LoadOptions } from '../source.ts';
import type { Transform } from '../transform.ts';
import { type Column, type Layout, uniqueNames } from './layout.ts';

/** What a table is read by. */
export interface TableLayout extends Layout {
  /** Of the columns, given or not. */
  readonly guesses: readonly GuessedRole[];
}

/** Any delimited text; the user gives the roles, or takes the guesses. `stated`: what a Parquet or JSON file says of its columns. */
export function tableLayout(
  shape: TableShape,
  profile: Profile,
  options: Pick<
    LoadOptions,
    'roles' | 'labelRule' | 'transforms' | 'splitCells' | 'dateOrder' | 'decimalMark'
  >,
  stated: readonly TypedColumn[] | null = null,
): TableLayout {
  const { header, dialect, firstLine } = shape;
  const { names, types, warnings } = nameColumns(shape);
  const guesses = guessRoles(profile.columns, types, (i) => stated?.[i]?.type === 'text');
  const isSplit = (name: string) => options.splitCells?.some(({ column }) => column === name) === true;
  const roles =
    options.roles ??
    guesses.map(({ role }, i): ColumnRole => (role === 'ignore' && isSplit(names[i]) ? 'category' : role));
  const columns = names.map((name, i): Column => {
    const column = profile.columns[i];
    const mark = options.decimalMark ?? column.mark;
    const list = chosenList(column, roles[i], options);
    return {
      name,
      role: roles[i],
      mark,
      dateOrder: options.dateOrder ?? dateOrderOf(column),
      transform: chooseTransform(column, options.transforms?.[i] ?? null),
      category: categoryOf(column),
      parts: list && listFields(name, list),
    };
  });
  const label = roles.indexOf('label');
  const reading = label === -1 ? null : chooseLabelReading(profile.columns[label], options.labelRule ?? null);
  return {
    format: 'table',
    dialect,
    firstLine,
    header,
    columns,
    labels: 'any',
    labelReading: reading ?? { kind: 'number', mark: columns[label]?.mark ?? '.', words: true },
    warnings: [
      ...warnings,
      ...warnOfShape(shape),
      ...(options.roles === null ? warnOfGuess(columns, guesses) : []),
      ...(options.labelRule == null ? warnOfCounts(columns[label]?.name, reading) : []),
      ...warnOfColumns(columns, profile, options),
    ],
    guesses,
  };
}

const headerTypes = new Map<string, ColumnRole>([
  ['token', 'category'],
  ['token_seq', 'category'],
  ['float', 'number'],
  ['float_seq', 'number'],
]);

/** Names, and roles where every name carries its type as RecBole writes it: `user_id:token`. */
export function nameColumns({ header, width }: Pick<TableShape, 'header' | 'width'>): {
  readonly names: readonly string[];
  readonly types: readonly (ColumnRole | null)[];
  readonly warnings: readonly DataWarning[];
} {
  const cells = header ?? Array<string>(width).fill('');
  const parts = cells.map((cell) => /^(.+):(\w+)$/.exec(cell));
  const isTyped = parts.length > 0 && parts.every((part) => part !== null && headerTypes.has(part[2]));
  const { names, warnings } = uniqueNames(isTyped ? parts.map((part) => part![1]) : cells);
  return { names, types: isTyped ? parts.map((part) => headerTypes.get(part![2])!) : [], warnings };
}

function dateOrderOf({ dateShare }: ColumnProfile) {
  return dateShare['month-first'] > dateShare['day-first'] ? 'month-first' : 'day-first';
}

/** Deviations from which on a tail counts as long. */
const longTail = 8;

/** Counts by their logarithm; other numbers standardised, but for long tails. */
function chooseTransform(column: ColumnProfile, chosen: Transform['kind'] | null): Transform {
  const { numbers } = column;
  const { least, largest, mean, deviation, negatives, integerShare } = numbers ?? noNumbers;
  const canStandardise = Number.isFinite(deviation) && deviation > 0;
  const isLong = Math.max(largest - mean, mean - least) > longTail * deviation;
  const isCount = negatives === 0 && integerShare === 1;
  const kind =
    chosen ??
    (isCount ? 'log' : !isLong && canStandardise ? 'standardise' : negatives > 0 ? 'signed-log' : 'log');
  if (kind !== 'standardise') return { kind };
  return canStandardise
    ? { kind, mean, deviation }
    : { kind, mean: Number.isFinite(mean) ? mean : 0, deviation: 1 };
}

const noNumbers = { least: 0, largest: 0, mean: 0, deviation: 0, negatives: 0, integerShare: 1 };

/** Where all numbers are integers, 7.0 is 7. */
function categoryOf({ numbers, numberShare, mark }: ColumnProfile): CategoryReading {
  return numbers !== null && numbers.integerShare === 1 && numberShare[mark] >= 0.9 ? 'integer' : 'value';
}

/** How the cells of a category are split; null: they are not. */
function chosenList(
  { name, lists }: ColumnProfile,
  role: ColumnRole,
  { splitCells }: Pick<LoadOptions, 'splitCells'>,
) {
  const choice = role === 'category' && splitCells?.find(({ column }) => column === name);
  return (choice && lists.find(({ separator }) => separator === choice.separator)) || null;
}

function warnOfGuess(columns: readonly Column[], guesses: readonly GuessedRole[]): DataWarning[] {
  const label = guesses.findIndex(({ role }) => role === 'label');
  const [user, item] = columns.filter(({ role }) => role === 'category');
  if (label === -1 && findRoleProblem(columns, 'hash') === null) {
    return [
      {
        kind: 'weak-guess',
        column: null,
        message: `no column is a label, so which “${item.name}” is the next of a “${user.name}” is learnt.`,
        remedy: 'If a column is to be predicted instead, give the columns their roles (--roles).',
      },
    ];
  }
  if (label === -1 || guesses[label].confidence !== 'weak') return [];
  const { name } = columns[label];
  return [
    {
      kind: 'weak-guess',
      column: name,
      message: `“${name}” is taken for the label: ${guesses[label].reason}.`,
      remedy: 'If another column is to be predicted, give the columns their roles (--roles).',
    },
  ];
}

function warnOfShape({ header, preamble, firstLine }: TableShape): DataWarning[] {
  const warnings: DataWarning[] = [];
  if (preamble.length > 0) {
    warnings.push({
      kind: 'preamble',
      column: null,
      message: `what stands above line ${firstLine} was left out: ${preamble
        .slice(0, 3)
        .map((line) => `“${line.slice(0, 40)}”`)
        .join(', ')}${preamble.length > 3 ? ' …' : ''}.`,
      remedy: 'If it belongs to the table, delete the lines that do not and load the file again.',
    });
  }
  if (header === null) {
    warnings.push({
      kind: 'no-header',
      column: null,
      message: 'the first line holds data, not column names: columns are called by their number.',
      remedy:
        'Check the roles, or add a first line that names the columns, for example: label,user,item,hour.',
    });
  }
  return warnings;
}

function warnOfCounts(column: string, reading: LabelReading | null): DataWarning[] {
  if (reading?.kind !== 'rule' || reading.rule.kind !== 'above') return [];
  return [
    {
      kind: 'counted-label',
      column,
      message: `“${column}” counts: every count above 0 is taken for a click.`,
      remedy: 'If more should be needed for a click, give a rule (--label-rule ">=2").',
    },
  ];
}

function warnOfColumns(
  columns: readonly Column[],
  { columns: profiles, isWhole }: Profile,
  options: Pick<LoadOptions, 'dateOrder' | 'decimalMark' | 'splitCells'>,
): DataWarning[] {
  return columns.flatMap((column, i) => {
    const { name, role, transform } = column;
    const profile = profiles[i];
    const warnings: DataWarning[] = [];
    const isNumber = role === 'number' || role === 'label';
    if (isNumber && options.decimalMark == null && isAmbiguousNumber(profile)) {
      const example = profile.examples.find((cell) => /[.,]/.test(cell));
      const isPoint = profile.mark === '.';
      warnings.push({
        kind: 'ambiguous-number',
        column: name,
        message: `no cell says whether “${example}” has decimals or thousands: the ${isPoint ? 'point' : 'comma'} is taken for the decimal mark, as in the rest of the file.`,
        remedy: `If that is wrong, choose the other decimal mark (--decimal ${isPoint ? 'comma' : 'point'}).`,
      });
    }
    if (role === 'time' && options.dateOrder == null && isAmbiguousDate(profile)) {
      warnings.push({
        kind: 'ambiguous-date',
        column: name,
        message: `no cell says whether “${profile.examples[0]}” has the day or the month first: the day is taken to be first.`,
        remedy:
          'Say which it is (--date-order day-first or month-first); until then the file is not split by time.',
      });
    }
    const list = chosenList(profile, role, options);
    const likely = role === 'category' && !list ? likelyList(profile) : null;
    if (list) warnings.push(...warnOfList(name, list, isWhole));
    if (likely) warnings.push(warnOfWholeLists(name, likely, exampleOf(profile, likely.separator)));
    if (role === 'number' && transform?.kind === 'log' && (profile.numbers?.negatives ?? 0) > 0) {
      warnings.push({
        kind: 'negative-under-log',
        column: name,
        message: `${profile.numbers!.negatives.toLocaleString('en')} negative numbers become 0 under the logarithm.`,
        remedy: 'Standardise the column, or take the logarithm with its sign.',
      });
    }
    return warnings;
  });
}

function exampleOf({ examples }: ColumnProfile, separator: string): string {
  return examples.find((cell) => cell.includes(separator)) ?? `a${separator}b`;
}

function isAmbiguousNumber({ ambiguousShare, numberShare }: ColumnProfile): boolean {
  return ambiguousShare > 0 && numberShare['.'] === numberShare[','];
}
