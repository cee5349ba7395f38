import { chooseLabelReading, type LabelReading, labelValues } from './labelReading.ts';
import type { ColumnProfile } from './profile/profile.ts';

/** How much a column looks like what is to be predicted. */
interface LabelRating {
  readonly points: number;
  readonly isNamed: boolean;
  readonly reason: string;
}

/** Words that name a label, by how telling they are. */
const tellingWords = new Map<string, number>(
  Object.entries({
    100: 'label labels',
    90: 'click clicks clicked clk rating ratings isclick isclicked hasclick',
    80: 'converted conversion conversions purchased purchase bought buy booking booked like liked stars star overall attributed survived churn churned installed install subscribed engaged fraud grade reward finished completed converts liking isbuy',
    60: 'target outcome feedback',
    45: 'score view ctr',
    40: 'y class response reaction watch',
    30: 'behavior behaviour event action eventtype interaction',
  }).flatMap(([points, words]) => words.split(' ').map((word) => [word, Number(points)] as const)),
);
const weakest = 45;
/** Beside a telling word these say that it is something else: click_time, rating_count. */
const otherWords = new Set(
  'id ids time ts at date day hour count cnt num number ms sec seconds url avg mean total sum price user_id history type category group name rank page position pos user item'.split(
    ' ',
  ),
);
/** Properties of people and things that have two values. */
const attributes = new Set(
  'gender sex male female married smoker holiday weekend mobile premium member active new returning weekday verified'.split(
    ' ',
  ),
);

/** null: it cannot be one. */
export function rateLabel(
  column: ColumnProfile,
  columns: readonly ColumnProfile[],
  index: number,
): LabelRating | null {
  const reading = chooseLabelReading(column, null);
  const { values, count } = column;
  if (reading === null || count === 0) return null;
  const kind = kindOf(column, reading);
  const telling = tellingOf(column.name, columns);
  if (telling > 0) {
    return {
      points: telling + fitOf(kind, telling),
      isNamed: true,
      reason: 'its name and its values are those of a label',
    };
  }
  const isBinary =
    values?.length === 2 && values.every(({ value }) => /^(0|1|true|false|yes|no|0\.0|1\.0)$/i.test(value));
  if (kind === 'event') {
    return { points: 25, isNamed: false, reason: 'its values are events of a log' };
  }
  if (!isBinary) return null;
  const place = index === 0 ? 6 : index === columns.length - 1 ? 5 : 0;
  const isAttribute = wordsOf(column.name).some((word) => attributes.has(word));
  return {
    points: 20 + place - (isAttribute ? 15 : 0),
    isNamed: false,
    reason: 'it is a column of two values; no name says that it is the label',
  };
}

type Kind = 'two' | 'few' | 'many' | 'event';

function kindOf(column: ColumnProfile, reading: LabelReading): Kind {
  if (reading.kind === 'rule') return reading.rule.kind === 'equals' ? 'event' : 'two';
  const labels = labelValues(reading, column);
  if (labels === null) return 'many';
  return labels.length <= 2 ? 'two' : labels.length <= 11 ? 'few' : 'many';
}

/** Weak names count where the values are two. */
function fitOf(kind: Kind, telling: number): number {
  if (kind === 'event') return telling > 30 ? -60 : 0;
  if (kind === 'two') return 40;
  if (telling <= weakest) return kind === 'few' ? -18 : -60;
  if (telling === 60) return kind === 'few' ? 20 : -50;
  return kind === 'few' ? 30 : 5;
}

/** 0: the name says nothing. */
function tellingOf(name: string, columns: readonly ColumnProfile[]): number {
  const words = wordsOf(name);
  const whole = tellingWords.get(words.join(''));
  if (whole !== undefined) {
    // Beside an x, y is a coordinate.
    const isCoordinate = words.join('') === 'y' && columns.some((column) => /^x$/i.test(column.name.trim()));
    return isCoordinate ? 0 : whole;
  }
  const points = Math.max(0, ...words.map((word) => tellingWords.get(word) ?? 0));
  if (points === 0) return 0;
  const isOther = words.some(
    (word) => otherWords.has(word) && !tellingWords.has(word) && !isFirstOf(word, words),
  );
  return isOther ? 0 : points - 5;
}

/** `userRating` is a rating, `rating_user` is a user. */
function isFirstOf(word: string, words: readonly string[]): boolean {
  return words[0] === word && (word === 'user' || word === 'item');
}

/** The words of a name: of userRating, `Rating (1-5)` and is_click. */
export function wordsOf(name: string): readonly string[] {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
  return words.length === 0 ? [name.trim().toLowerCase()] : words;
}
