/** Values that a run may have beyond those of its page: bit-packed ones come in eights, and some writers pad further. */
const padding = 512;

/**
 * Walks runs of the hybrid of run lengths and bit-packed values of `width` bits, from `start`, until there are `count` values. Says how
 * many of them are `value`. Throws Error where a run has more values than are left.
 */
export function checkRuns(
  bytes: Uint8Array,
  start: number,
  width: number,
  count: number,
  value: number,
): number {
  if (!(width >= 0 && width <= 32)) throw new Error(`a page has values of ${width} bits`);
  let at = start;
  let seen = 0;
  let equal = 0;
  while (seen < count && at < bytes.length) {
    const [header, next] = readVarint(bytes, at);
    at = next;
    const left = count - seen;
    if (header % 2 === 0) {
      const length = header / 2;
      if (length > left + padding) throw new Error(`a run has ${length} values where ${left} are left`);
      const size = (width + 7) >> 3;
      if (readLittleEndian(bytes, at, size) === value) equal += Math.min(length, left);
      at += size;
      seen += length;
    } else {
      const groups = (header - 1) / 2;
      const length = 8 * groups;
      if (length > left + padding) throw new Error(`a run has ${length} values where ${left} are left`);
      if (value >= 0) equal += countPacked(bytes, at, width, Math.min(length, left), value);
      // hyparquet takes one byte also where there is none.
      at += Math.max(1, groups * width);
      seen += length;
    }
  }
  return equal;
}

/** Levels have few bits, so that a value lies in two bytes at most. */
function countPacked(bytes: Uint8Array, start: number, width: number, count: number, value: number): number {
  const mask = (1 << width) - 1;
  let equal = 0;
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const at = start + (bit >> 3);
    const pair = bytes[at] | (bytes[at + 1] << 8);
    if (((pair >> (bit & 7)) & mask) === value) equal++;
  }
  return equal;
}

function readVarint(bytes: Uint8Array, start: number): readonly [value: number, next: number] {
  let value = 0;
  for (let at = start, scale = 1; at < bytes.length; at++, scale *= 128) {
    value += (bytes[at] & 127) * scale;
    if (value >= 2 ** 31) break;
    if (bytes[at] < 128) return [value, at + 1];
  }
  throw new Error('the length of a run is damaged');
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return readLittleEndian(bytes, at, 4);
}

function readLittleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
