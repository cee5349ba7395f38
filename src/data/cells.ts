const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '\\n', '-']);

export function isMissing(cell: string): boolean {
  return missingWords.has(cell.trim().toLowerCase());
}

/** A finite number, or NaN. `decimalComma`: files with `;` between columns write 3,14. */
export function parseNumber(cell: string, decimalComma: boolean): number {
  if (cell.trim() === '') return NaN;
  const value = Number(decimalComma ? cell.replace(',', '.') : cell);
  return Number.isFinite(value) ? value : NaN;
}

/** What the models see of a number: log(max(x, 0) + 1), as DLRM does; missing is 0; NaN when it is no number that float32 holds. */
export function parseFeature(cell: string, decimalComma: boolean): number {
  const value = Number(decimalComma ? cell.replace(',', '.') : cell);
  if (value > 0 && value <= largestFloat32) return Math.log(value + 1);
  return (value <= 0 && value >= -largestFloat32) || isMissing(cell) ? 0 : NaN;
}

/** True: a number, or an overflow of one, that float32 does not hold. */
export function isBeyondFloat32(cell: string, decimalComma: boolean): boolean {
  return Math.abs(Number(decimalComma ? cell.replace(',', '.') : cell)) > largestFloat32;
}

/** A Map: of a plain object, `constructor` and `__proto__` would be words too. */
const labelWords: ReadonlyMap<string, number> = new Map([
  ...['true', 'yes', 't', 'y'].map((word) => [word, 1] as const),
  ...['false', 'no', 'f', 'n'].map((word) => [word, 0] as const),
]);

/** Float32 holds no larger number. */
const largestFloat32 = 3.4028234663852886e38;

/** A rating, or 0/1 also from words such as yes and false; NaN when it is neither. */
export function parseLabel(cell: string, decimalComma: boolean): number {
  return labelWords.get(cell.trim().toLowerCase()) ?? parseNumber(cell, decimalComma);
}

/** Anything that orders: a number (epoch, YYMMDDHH) or a date; NaN when it is neither. */
export function parseTime(cell: string): number {
  const value = parseNumber(cell, false);
  return Number.isNaN(value) ? Date.parse(cell) : value;
}
