const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 42,000 */
export const formatCount = (value: number): string => count.format(value);

const suffixes = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** 42k, 1.5M: at most three digits. */
export function formatShort(value: number): string {
  for (const [unit, suffix] of suffixes)
    if (value >= unit * 0.9995) return `${Number((value / unit).toPrecision(3))}${suffix}`;
  return `${Number(value.toPrecision(3))}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB'] as const;

/** 168 kB, decimal units. */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${byteUnits[unit]}`;
}

/** Embedding parameters as they are stored: float32. */
export const parameterBytes = (parameters: number): number => 4 * parameters;

/** 12 s, 3 min 20 s */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An integer dim as such; a real one (rounding 'none') with two decimals. */
export const formatDim = (dim: number): string =>
  Number.isInteger(dim) ? String(dim) : dim.toFixed(dim < 10 ? 2 : 1);

/** 0.8, 9.5, 312 */
export const formatRate = (perSecond: number): string =>
  perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond);

/** 1 line, 2 lines */
export const pluralize = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
