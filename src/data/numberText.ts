import { isMissing } from './missing.ts';

/** What a column writes before the decimals; the other marks, blanks and apostrophes may group its thousands. */
export type DecimalMark = '.' | ',';

/** Float32 holds no larger number. */
export const largestFloat32 = 3.4028234663852886e38;

const currency = String.raw`[$€£¥₹₽₺₩₴]|USD|EUR|GBP|CHF|JPY|Rs\.?`;
const blank = String.raw`[ \u00a0\u202f\u2009]`;
const pattern = (group: string, mark: string) =>
  new RegExp(
    String.raw`^\(?([-+−]?)(?:${currency})?${blank}?([-+−]?)(\d{1,3}(?:(${group})\d{3})(?:\4\d{3})*|\d*)(?:${mark}(\d*))?(e[-+]?\d+)?${blank}?(?:${currency}|%)?\)?$`,
    'i',
  );
const patterns: Readonly<Record<DecimalMark, RegExp>> = {
  '.': pattern(String.raw`[, '’\u00a0\u202f\u2009]`, String.raw`\.`),
  ',': pattern(String.raw`[. '’\u00a0\u202f\u2009]`, ','),
};

/** Cells longer than this are no numbers: it bounds the work. */
const longestNumber = 64;

/**
 * The number that a cell writes: with thousands in groups, a currency or a percent sign too (10 % is 10). NaN when it is none;
 * ±Infinity when it is beyond float64.
 */
export function parseAnyNumber(cell: string, mark: DecimalMark): number {
  // Nearly all numbers are plain. Of 0x10, 0b1 and 0o7 the second character is a letter.
  const plain = Number(cell);
  if (mark === '.' && Number.isFinite(plain) && !(cell.charCodeAt(1) > 97))
    return cell.trim() === '' ? NaN : plain;
  if (mark === ',' && Number.isInteger(plain) && /^[-+]?\d+$/.test(cell)) return plain;
  const text = cell.trim();
  if (text === '' || text.length > longestNumber) return NaN;
  const match = patterns[mark].exec(text);
  if (!match || (match[3] === '' && (match[5] ?? '') === '')) return NaN;
  if (match[4] !== undefined && match[3].startsWith('0')) return NaN; // 0.125 has no thousands
  const sign = [match[1], match[2]].some((part) => part === '-' || part === '−') || text[0] === '(' ? -1 : 1;
  return sign * Number(`${match[3].replaceAll(/\D/g, '') || '0'}.${match[5] || '0'}${match[6] ?? ''}`);
}

/** A number that is finite; NaN otherwise. */
export function parseNumber(cell: string, mark: DecimalMark): number {
  const value = parseAnyNumber(cell, mark);
  return Number.isFinite(value) ? value : NaN;
}

/** True: a number, or an overflow of one, that float32 does not hold. */
export function isBeyondFloat32(cell: string, mark: DecimalMark): boolean {
  return !isMissing(cell) && Math.abs(parseAnyNumber(cell, mark)) > largestFloat32;
}

/** True: the cell is a number with either mark, and not the same one: 680.351. */
export function isAmbiguousNumber(cell: string): boolean {
  const [point, comma] = [parseNumber(cell, '.'), parseNumber(cell, ',')];
  return !Number.isNaN(point) && !Number.isNaN(comma) && point !== comma;
}
