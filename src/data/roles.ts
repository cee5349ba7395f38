import type { SplitRule, Task } from './dataset.ts';
import { DataError } from './containers/errors.ts';
import type { Layout } from './formats/layout.ts';
import { chooseLabelReading, labelValues } from './labelReading.ts';
import type { ColumnProfile, Guess } from './profile/profile.ts';
import { findUserAndItem } from './userAndItem.ts';
import { rateLabel, wordsOf } from './labelGuess.ts';
import type { ColumnRole, LoadOptions } from './source.ts';

export interface GuessedRole extends Guess {
  readonly role: ColumnRole;
}

const timeNames =
  /^(time|ts|hour|unixtime|epoch|.*(timestamp|datetime|date)|(event|created|updated|order|visit|click|purchase|view)(time|at|ts|day))$/;
const rowIdNames = /^(id|rowid|row|index|idx|uuid|guid|unnamed.*|column1|key|rownum|rowno|rownumber)$/;
/** Words of a name that say how much or how many. */
const quantityWords = new Set(
  'age price prices amount amt quantity qty count counts cnt num views impressions clicks visits total sum avg mean median std rate ratio pct percent percentage share score rank duration seconds sec secs minutes min mins ms length len size width height depth weight distance dist temperature temp humidity income salary wage balance cost costs revenue sales profit budget bid fee tax discount spend value lat latitude lon lng long longitude x y z days hours years months population frequency freq level votes likes followers friends reviews pages words chars bytes speed volume area lag delta diff change growth probability prob odds'.split(
    ' ',
  ),
);
/** Words of a name that say which one. */
const codeWords = new Set(
  'id ids uid gid sid code codes no nr number zip zipcode postcode postal sku isbn ean gtin upc asin phone tel telephone mobile cookie ip account acct type kind category cat class group segment brand bin user customer member visitor item product movie film book song track artist author game session store seller shop merchant campaign publisher advertiser adgroup ad slot creative device country region city placement keyword query host channel tag topic hash key part'.split(
    ' ',
  ),
);

/** Fewer rows than this say little about uniqueness. */
const enoughRows = 50;
const nearlyAllShare = 0.9;
/** An estimate of distinct values is so good. */
const uniqueShare = 0.97;
/** Integers with at most so many distinct values are codes rather than quantities. */
const fewValues = 20;

/** One role a column, from names, profile and, where the header or the file (`isText`) says them, types. */
export function guessRoles(
  columns: readonly ColumnProfile[],
  types: readonly (ColumnRole | null)[] = [],
  isText: (column: number) => boolean = () => false,
): readonly GuessedRole[] {
  const label = guessLabelOf(columns);
  const time = guessTime(columns, label?.column ?? -1);
  const guesses = columns.map((column, i): GuessedRole => {
    if (i === label?.column) return { role: 'label', ...label.guess };
    if (i === time?.column) return { role: 'time', ...time.guess };
    const type = types[i];
    if (type) return { role: type, confidence: 'sure', reason: 'the header says its type' };
    const feature = guessFeature(column);
    if (feature.role === 'number' && isText(i)) {
      return { role: 'category', confidence: 'sure', reason: 'the file says that it is text' };
    }
    return feature;
  });
  return label === null ? guessRanking(columns, guesses) : guesses;
}

/** Without a label: what users and items there are, and nothing else. The same guesses, if there are none. */
function guessRanking(
  columns: readonly ColumnProfile[],
  guesses: readonly GuessedRole[],
): readonly GuessedRole[] {
  const ids = guesses.flatMap(({ role }, i) => (role === 'category' ? [i] : []));
  const found = findUserAndItem(columns, ids);
  // Numbers are for models of labels: whoever has some has probably also a label, under a name that says nothing.
  if (!found || (!found.isNamed && guesses.some(({ role }) => role === 'number'))) return guesses;
  const confidence = found.isNamed ? 'likely' : 'weak';
  return guesses.map((own, i): GuessedRole => {
    if (i === found.user) return guess('category', confidence, 'no column is a label, and it is the user');
    if (i === found.item) return guess('category', confidence, 'no column is a label, and it is the item');
    if (own.role === 'time') return own;
    return guess('ignore', confidence, 'a ranking is learnt of users and items alone');
  });
}

interface Found {
  readonly column: number;
  readonly guess: Guess;
}

/** A label with one value beside a user and an item says no more than that there is a line. */
function guessLabelOf(columns: readonly ColumnProfile[]): Found | null {
  const found = guessLabel(columns);
  if (!found) return null;
  const { distinct, missing } = columns[found.column];
  const isConstant = distinct.count === 1 && missing.length === 0;
  const others = columns.flatMap((_, i) => (i === found.column ? [] : [i]));
  return isConstant && findUserAndItem(columns, others)?.isNamed ? null : found;
}

function guessLabel(columns: readonly ColumnProfile[]): Found | null {
  const ratings = columns.map((column, i) => rateLabel(column, columns, i));
  let best = -1;
  ratings.forEach((rating, i) => {
    if (rating && rating.points > (ratings[best]?.points ?? 0)) best = i;
  });
  if (best === -1) return null;
  const { points, isNamed, reason } = ratings[best]!;
  const rival = ratings.findIndex(
    (rating, i) => i !== best && rating?.isNamed && rating.points > points - 25,
  );
  if (!isNamed) return { column: best, guess: { confidence: 'weak', reason } };
  return {
    column: best,
    guess:
      rival === -1
        ? { confidence: points >= 100 ? 'sure' : 'likely', reason }
        : { confidence: 'weak', reason: `${reason}, but so could “${columns[rival].name}”` },
  };
}

/** What the profile of the label says; the whole file decides. */
export function guessTask(label: ColumnProfile | undefined): Task {
  return label === undefined || isTwoValued(label) ? 'click' : 'rating';
}

function isTwoValued(column: ColumnProfile): boolean {
  const reading = chooseLabelReading(column, null);
  if (reading?.kind !== 'number') return true;
  const { values } = column;
  const labels = labelValues(reading, column);
  const isCount = values?.every(({ value }) => /^\d+$/.test(value)) && column.numbers?.least === 0;
  const ones =
    values?.filter(({ value }) => Number(value) <= 1).reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    (labels !== null && labels.length <= 2) || (isCount === true && ones >= nearlyAllShare * column.count)
  );
}

function guessTime(columns: readonly ColumnProfile[], label: number): Found | null {
  const named = columns.findIndex((column, i) => {
    const isTime = holdsDates(column) || holdsTimes(column);
    return i !== label && isTime && timeNames.test(plainName(column.name));
  });
  if (named !== -1) {
    return { column: named, guess: { confidence: 'sure', reason: 'its name and its values are times' } };
  }
  const dated = columns.findIndex(
    (column, i) => i !== label && holdsDates(column) && column.distinct.count > 1,
  );
  const unnamed = columns.findIndex((column, i) => i !== label && isUnnamedEpoch(column));
  if (dated === -1 && unnamed !== -1) {
    return {
      column: unnamed,
      guess: { confidence: 'weak', reason: 'its numbers could be seconds since 1970' },
    };
  }
  if (dated === -1) return null;
  return { column: dated, guess: { confidence: 'likely', reason: 'its values are dates' } };
}

function holdsDates({ dateShare }: ColumnProfile): boolean {
  return Math.max(dateShare['day-first'], dateShare['month-first']) >= nearlyAllShare;
}

/** Numbers that could be times. */
function holdsTimes({ numbers, numberShare, mark, distinct }: ColumnProfile): boolean {
  return numberShare[mark] >= nearlyAllShare && numbers!.least >= 0 && distinct.count > 1;
}

/** From 2000 to 2040, in seconds or milliseconds. */
function isUnnamedEpoch({ name, numbers, distinct, count }: ColumnProfile): boolean {
  if (!/^column \d+$/.test(name) || numbers === null || distinct.count < count / 10) return false;
  const { least, largest } = numbers;
  return [1, 1000].some((unit) => least >= 946_684_800 * unit && largest <= 2_208_988_800 * unit);
}

function guess(role: ColumnRole, confidence: Guess['confidence'], reason: string): GuessedRole {
  return { role, confidence, reason };
}

function guessFeature(column: ColumnProfile): GuessedRole {
  const { count, missing, distinct, numbers, numberShare, mark, texts, name } = column;
  if (count === 0) return guess('ignore', 'sure', 'it has no values');
  const isNumeric = numberShare[mark] >= nearlyAllShare;
  const isInteger = isNumeric && numbers!.integerShare >= nearlyAllShare;
  const words = wordsOf(name);
  const isCode = words.some((word) => codeWords.has(word)) || /(id|code|nr|no)$/.test(plainName(name));
  const isFixedWidth = texts.shortest === texts.longest && texts.longest >= 5;
  const isQuantity = words.some((word) => quantityWords.has(word));
  const isUnique = count >= enoughRows && distinct.count >= (distinct.isExact ? 1 : uniqueShare) * count;
  if (isUnique && numbers?.isConsecutive) return guess('ignore', 'sure', 'it numbers the lines');
  const hasCodes = texts.beyondExact + texts.leadingZeros > 0 || isCode;
  if (isUnique && (!isNumeric || rowIdNames.test(plainName(name)) || (isInteger && hasCodes))) {
    return guess('ignore', 'likely', 'every value occurs once: there is nothing to learn of it');
  }
  if (distinct.count === 1 && missing.length === 0)
    return guess('ignore', 'likely', 'all values are the same');
  if (!isNumeric) return guess('category', 'sure', 'its values are words');
  if (texts.leadingZeros > 0) return guess('category', 'sure', 'digits with leading zeros are codes');
  if (texts.beyondExact > 0) return guess('category', 'sure', 'integers beyond 2^53 are codes');
  if (!isInteger) return guess('number', 'sure', 'its values are numbers with decimals');
  if (texts.decimals > 0.5 * count && !isCode)
    return guess('number', 'likely', 'its values are written with decimals');
  if (isQuantity && !/^(id|ids|uid)$/.test(words.at(-1)!))
    return guess('number', 'sure', 'its name is that of a quantity');
  if (isCode) return guess('category', 'sure', 'its name is that of a code');
  if (texts.scientific > 0.5 * count)
    return guess('category', 'likely', 'codes that a spreadsheet has shortened');
  if (distinct.count <= fewValues) return guess('category', 'likely', `it has ${distinct.count} values`);
  if (isUnique) return guess('number', 'weak', 'every value occurs once, so only its size can be of use');
  if (isFixedWidth) {
    return guess('category', 'likely', `all values have ${texts.longest} digits, as codes have`);
  }
  if (numbers!.negatives > 0) return guess('number', 'likely', 'some values are negative');
  if (isSkewed(column))
    return guess('number', 'likely', 'most values are small and some are large, as counts are');
  if (/^[a-z]*\d+$/i.test(name) && !/^c(at)?\d+$/i.test(name))
    return guess('number', 'weak', 'nothing says that its integers are codes');
  return guess('category', 'weak', 'nothing says that its integers are quantities');
}

/** Counts: a long tail above the mean, and small values. */
function isSkewed({ numbers }: ColumnProfile): boolean {
  const { least, largest, mean } = numbers!;
  return least <= 1 && mean < 0.15 * largest;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Throws DataError when no data set can come from these roles. */
export function checkRoles(
  { columns }: Layout,
  { splitBy }: Pick<LoadOptions, 'splitBy'>,
  file: string,
): void {
  const found = findRoleProblem(columns, splitBy);
  if (found) throw new DataError(found.problem, { file }, found.remedy);
}

/** Why no data set can come from these roles, and what to do; null: one can. */
export function findRoleProblem(
  columns: readonly { readonly name: string; readonly role: ColumnRole }[],
  splitBy: SplitRule,
): { readonly problem: string; readonly remedy: string } | null {
  const named = (role: ColumnRole) =>
    columns.filter((column) => column.role === role).map(({ name }) => name);
  const labels = named('label');
  const times = named('time');
  const categories = named('category');
  const isRanking = labels.length === 0 && categories.length === 2 && named('number').length === 0;
  if (labels.length === 0 && !isRanking) {
    return {
      problem: 'no column is the label.',
      remedy:
        'Give the role “label” (--roles) to the column to predict: 0 or 1 for clicks, a number, a count or an event. Of a log of what happened alone, give the role “category” to its user and its item and to nothing else.',
    };
  }
  if (labels.length > 1) {
    return {
      problem: `${labels.length} columns are labels: ${labels.join(', ')}.`,
      remedy: 'Keep the role “label” for one of them.',
    };
  }
  if (times.length > 1) {
    return {
      problem: `${times.length} columns are times: ${times.join(', ')}.`,
      remedy: 'Keep the role “time” for one of them.',
    };
  }
  if (categories.length === 0 || categories.length + named('number').length < 2) {
    return {
      problem: 'there is too little to learn from.',
      remedy: 'Give at least two columns the role “category”, or one “category” and one “number”.',
    };
  }
  if (splitBy === 'time' && times.length === 0) {
    return {
      problem: 'no column is the time, so the file cannot be split by it.',
      remedy: 'Split by hash, or give one column the role “time”.',
    };
  }
  return null;
}
