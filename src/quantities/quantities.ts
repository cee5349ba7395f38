const exponents: Readonly<Record<string, number>> = { '': 0, k: 3, M: 6, G: 9 };
const units = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 42000, 42,000, 42 000, 42k, 67.5M, 1.2G; NaN: the text is no count. Suffixes are read in decimal: 4.35M is exact. */
export function readCount(text: string): number {
  const trimmed = text.trim();
  const isGrouped = /^\d{1,3}([,_ \u00a0\u202f]\d{3})+$/.test(trimmed);
  const plain = isGrouped ? trimmed.replaceAll(/\D/g, '') : trimmed;
  const [, mantissa, suffix] = /^(\d+(?:\.\d+)?) ?([kKMG]?)$/.exec(plain) ?? [];
  return mantissa === undefined ? NaN : scale(mantissa, suffix);
}

/** 42,000: to the unit, as readCount reads it back. */
export const writeCount = (count: number): string => grouped.format(count);

/** 42k, 1.5M: at most three digits, as readCount reads them back. */
export function shortCount(count: number): string {
  for (const [unit, suffix] of units)
    if (count >= unit * 0.9995) return `${Number((count / unit).toPrecision(3))}${suffix}`;
  return `${Number(count.toPrecision(3))}`;
}

/** 1/8 as 0.125; NaN: the text is no share above 0 and up to 1. */
export function readShare(text: string): number {
  const [, part, whole] = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text) ?? [];
  const share = Number(part) / Number(whole);
  return share > 0 && share <= 1 ? share : NaN;
}

/** 20 MB, 512kB, 1.5 GB, 300 B in bytes; units are decimal. NaN: the text is no size with a unit. */
export function readBytes(text: string): number {
  const [, mantissa, prefix] = /^(\d+(?:\.\d*)?|\.\d+)\s*([kMG]?)B$/i.exec(text.trim()) ?? [];
  return mantissa === undefined
    ? NaN
    : scale(mantissa, prefix.toLowerCase() === 'k' ? 'k' : prefix.toUpperCase());
}

/** 168 kB: at most three digits, as readBytes reads them back. */
export function writeBytes(bytes: number): string {
  for (const [unit, prefix] of units)
    if (bytes >= unit * 0.9995) return `${Number((bytes / unit).toPrecision(3))} ${prefix}B`;
  return `${Math.round(bytes)} B`;
}

function scale(mantissa: string, suffix: string): number {
  return Number(`${mantissa}e${exponents[suffix === 'K' ? 'k' : suffix]}`);
}
