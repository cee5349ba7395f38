export {
  shortCount as formatShort,
  writeBytes as formatBytes,
  writeCount as formatCount,
} from '../../quantities/quantities.ts';
import { writeCount } from '../../quantities/quantities.ts';

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
  perSecond < 9.95 ? perSecond.toFixed(1) : writeCount(perSecond);

/** 1 line, 2 lines */
export const pluralize = (count: number, one: string, many = `${one}s`): string =>
  `${writeCount(count)} ${count === 1 ? one : many}`;
