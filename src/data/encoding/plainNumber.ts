/** More digits than these may not be a float64 exactly. */
const exactDigits = 15;
const powersOfTen = Float64Array.from({ length: exactDigits + 1 }, (_, power) => Number(`1e${power}`));

/**
 * The number that bytes [start, end) write as −?digits or −?digits.digits, to the bit as Number reads it; NaN: it is written in
 * another way, if at all. A quotient of two float64 that are exact is rounded once (Clinger 1990).
 */
export function readPlainNumber(bytes: Uint8Array, start: number, end: number, markByte: number): number {
  const isNegative = bytes[start] === 45;
  let at = isNegative ? start + 1 : start;
  let value = 0;
  let digits = 0;
  for (; at < end; at++, digits++) {
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  let decimals = 0;
  if (at < end) {
    if (bytes[at++] !== markByte) return NaN;
    for (; at < end; at++, decimals++) {
      const digit = bytes[at] - 48;
      if (digit < 0 || digit > 9) return NaN;
      value = value * 10 + digit;
    }
  }
  digits += decimals;
  if (digits === 0 || digits > exactDigits) return NaN;
  if (decimals > 0) value /= powersOfTen[decimals];
  return isNegative ? -value : value;
}
