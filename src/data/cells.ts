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

/** What the models see of a number: log(max(x, 0) + 1), as DLRM does; missing is 0; NaN when it is no number. */
export function parseFeature(cell: string, decimalComma: boolean): number {
  const value = Number(decimalComma ? cell.replace(',', '.') : cell);
  if (value > 0 && value < Infinity) return Math.log(value + 1);
  return value <= 0 || isMissing(cell) ? 0 : NaN;
}

const labelWords: Readonly<Record<string, number>> = {
  true: 1,
  yes: 1,
  t: 1,
  y: 1,
  false: 0,
  no: 0,
  f: 0,
  n: 0,
};

/** A rating, or 0/1 also from words such as yes and false; NaN when it is neither. */
export function parseLabel(cell: string, decimalComma: boolean): number {
  return labelWords[cell.trim().toLowerCase()] ?? parseNumber(cell, decimalComma);
}

/** Anything that orders: a number (epoch, YYMMDDHH) or a date; NaN when it is neither. */
export function parseTime(cell: string): number {
  const value = parseNumber(cell, false);
  return Number.isNaN(value) ? Date.parse(cell) : value;
}
