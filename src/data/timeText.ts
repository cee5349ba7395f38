/** Which of 3/4/2024 is the day. */
export type DateOrder = 'day-first' | 'month-first';

const numericDate =
  /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*(am|pm)?)?$/i;
const isoDate =
  /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ]+(\d{1,2}):?(\d{2})(?::?(\d{2})(\.\d+)?)?\s*(Z|UTC|[-+]\d{2}:?\d{2})?)?$/i;
const namedDate =
  /^(?:[a-z]{3,9},? {1,2})?(?:(\d{1,2})(?:st|nd|rd|th)?[ -]{1,3}([a-z]{3,9})\.?|([a-z]{3,9})\.? {1,2}(\d{1,2})(?:st|nd|rd|th)?)[ ,-]{1,3}(\d{4}|\d{2})(?:[ ,T]{1,3}(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?(am|pm))?)?(?: ?(?:Z|UTC|GMT))?$/i;
const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const longestTime = 48;

/** Anything that orders: a number (epoch, YYMMDDHH, 20240301) or a date, in ms of UTC where it says no zone. NaN: neither. */
export function parseTime(cell: string, order: DateOrder): number {
  const text = cell.trim();
  if (text === '' || text.length > longestTime) return NaN;
  if (/^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text)) return Number(text);
  return parseIso(text) ?? parseNumericDate(text, order) ?? parseNamedDate(text) ?? NaN;
}

/** True: only the order of day and month says which date it is. */
export function isNumericDate(cell: string): boolean {
  return numericDate.test(cell.trim());
}

function parseIso(text: string): number | undefined {
  const match = isoDate.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const value = dateOf(year, month, day ?? 1, [hour, minute, second, fraction]);
  return value === undefined ? undefined : value - zoneMs(zone);
}

function parseNumericDate(text: string, order: DateOrder): number | undefined {
  const match = numericDate.exec(text);
  if (!match) return undefined;
  const [, a, b, year, hour, minute, second, fraction, half] = match;
  const [day, month] = order === 'day-first' ? [a, b] : [b, a];
  return dateOf(year, month, day, [clockHour(hour, half), minute, second, fraction]);
}

function parseNamedDate(text: string): number | undefined {
  const match = namedDate.exec(text);
  if (!match) return undefined;
  const [, day, name, otherName, otherDay, year, hour, minute, second, half] = match;
  const month = monthNames.indexOf((name ?? otherName).slice(0, 3).toLowerCase()) + 1;
  return dateOf(year, month, day ?? otherDay, [clockHour(hour, half), minute, second]);
}

type Part = string | number | undefined;

/** undefined: there is no such day or time. */
function dateOf(year: Part, month: Part, day: Part, clock: readonly Part[]): number | undefined {
  const [y, m, d] = [year, month, day].map(Number);
  const [hour, minute, second, fraction] = clock.map((part) => Number(part ?? 0));
  if (m < 1 || m > 12 || d < 1 || d > 31 || hour > 24 || minute > 59 || second > 60) return undefined;
  const full = String(year).length === 2 ? y + (y < 70 ? 2000 : 1900) : y;
  const date = new Date(0);
  date.setUTCFullYear(full, m - 1, d);
  if (date.getUTCMonth() !== m - 1) return undefined;
  return date.getTime() + ((hour * 60 + minute) * 60 + second + (fraction || 0)) * 1000;
}

function clockHour(hour: string | undefined, half: string | undefined): Part {
  if (hour === undefined || half === undefined) return hour;
  return (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
}

function zoneMs(zone: string | undefined): number {
  const match = /^([-+])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000 : 0;
}
