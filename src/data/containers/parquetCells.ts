import type { ParquetParsers, SchemaElement } from 'hyparquet';
import type { ColumnType } from './cells.ts';
import { toCell } from './cells.ts';

/** Dates as 2024-01-31, times as 2024-01-31T23:59:59.123456Z, in UTC whether or not the file says so. Strings as they are. */
export const textParsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis: bigint) => formatInstant(millis, 3),
  timestampFromMicroseconds: (micros: bigint) => formatInstant(micros, 6),
  timestampFromNanoseconds: (nanos: bigint) => formatInstant(nanos, 9),
  dateFromDays: (days: number) => formatDate(days),
  stringFromBytes: decodeBytes,
  jsonFromBytes: decodeBytes,
};

/** Says how a primitive column is read, and takes from its element what hyparquet would round. */
export function readPrimitive(element: SchemaElement): {
  readonly type: ColumnType;
  readonly format: (value: unknown) => string;
} {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
    // Without its annotation the column comes as whole numbers or bytes, of any length.
    delete element.converted_type;
    delete element.logical_type;
    return {
      type: scale > 0 ? 'number' : 'integer',
      format: (value) => formatDecimal(value, scale),
    };
  }
  if (converted === 'TIME_MILLIS' || converted === 'TIME_MICROS' || logical?.type === 'TIME') {
    const unit = logical?.type === 'TIME' ? logical.unit : converted === 'TIME_MILLIS' ? 'MILLIS' : 'MICROS';
    const digits = { MILLIS: 3, MICROS: 6, NANOS: 9 }[unit];
    return { type: 'text', format: (value) => formatTime(value, digits) };
  }
  if (converted === 'DATE' || logical?.type === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP_')) {
    return { type: 'time', format: toCell };
  }
  if (logical?.type === 'FLOAT16') return { type: 'number', format: toCell };
  switch (type) {
    case 'BOOLEAN':
      return { type: 'boolean', format: toCell };
    case 'INT32':
    case 'INT64':
      return { type: 'integer', format: toCell };
    case 'INT96':
      return { type: 'time', format: toCell };
    case 'FLOAT':
      return { type: 'number', format: formatFloat32 };
    case 'DOUBLE':
      return { type: 'number', format: toCell };
    default:
      return {
        type: 'text',
        format: (value) => (value instanceof Uint8Array ? decodeBytes(value) : toCell(value)),
      };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder('windows-1252');

/** Different bytes are different text: what is no UTF-8 is read as windows-1252. */
function decodeBytes(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

const msPerDay = 86_400_000;

function formatDate(days: number): string {
  const date = new Date(days * msPerDay);
  return Number.isNaN(date.getTime()) ? String(days) : date.toISOString().slice(0, -'T00:00:00.000Z'.length);
}

/** `digits`: of the fraction of a second; written only where it is not 0. */
function formatInstant(value: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  let seconds = value / perSecond;
  let fraction = value % perSecond;
  if (fraction < 0n) {
    fraction += perSecond;
    seconds--;
  }
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return String(value);
  return `${date.toISOString().slice(0, -'.000Z'.length)}${formatFraction(fraction, digits)}Z`;
}

function formatTime(value: unknown, digits: number): string {
  if (typeof value !== 'number' && typeof value !== 'bigint') return toCell(value);
  const instant = formatInstant(BigInt(value), digits);
  return instant.slice(instant.indexOf('T') + 1, -1);
}

function formatFraction(fraction: bigint, digits: number): string {
  if (fraction === 0n) return '';
  let text = String(fraction).padStart(digits, '0');
  while (text.endsWith('0')) text = text.slice(0, -1);
  return `.${text}`;
}

/** Exact: whole numbers of any length, and bytes as two's complement, first byte first. */
function formatDecimal(value: unknown, scale: number): string {
  if (value instanceof Uint8Array) return formatDecimal(toBigInt(value), scale);
  if (typeof value !== 'number' && typeof value !== 'bigint') return toCell(value);
  const unscaled = BigInt(value);
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const text = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

/** The shortest text that is this float32: 0.1, not 0.10000000149011612. */
function formatFloat32(value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return toCell(value);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}
