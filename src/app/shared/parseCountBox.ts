/** A whole number from 1 as people type it: 2,000,000, 2M, 500k. undefined for anything else. */
export function parseCountBox(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kKM]?)$/.exec(text.replaceAll(/[,\s]/g, ''));
  if (!match) return undefined;
  const count = Math.round(Number(match[1]) * { k: 1e3, K: 1e3, M: 1e6, '': 1 }[match[2]]!);
  return count >= 1 ? count : undefined;
}
