/** Files that systems and Hive leave beside the data: .DS_Store, __MACOSX/, _SUCCESS, part-0.crc. */
export function isHidden(path: string): boolean {
  return (
    path.split(/[/\\]/).some((part) => /^[._][^.]/.test(part)) ||
    /(^|[/\\])(thumbs\.db|desktop\.ini|[^/\\]+\.crc)$/i.test(path)
  );
}

/** Files about the data. */
export function isDocument(path: string): boolean {
  return /(^|[/\\])(readme|licen[cs]e|copying|notice|changelog|citation|checksums?|md5sums?)\b[^/\\]*$/i.test(
    path,
  );
}

/** 2 before 10. */
const natural = new Intl.Collator('en', { numeric: true });

export function compareNames(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** A folder or a part of the name says which split a file is: test/part-0.csv, dac_test.txt. */
export function splitOf(path: string): 'train' | 'test' | null {
  const words = path.toLowerCase().split(/[^a-z]+/);
  return words.includes('test') || words.includes('testing')
    ? 'test'
    : words.includes('train') || words.includes('training')
      ? 'train'
      : null;
}

/** Equal for the parts of one data set: part-00001-8e0f5a1c.csv, day_3.csv, country=de/part-0.csv. */
export function patternOf(path: string): string {
  const parts = path.split(/[/\\]/);
  return parts
    .map((part, i) => {
      const equals = part.indexOf('=');
      return i < parts.length - 1 && equals > 0 ? `${part.slice(0, equals)}=#` : withoutNumbers(part);
    })
    .join('/');
}

/** Numbers, also hexadecimal ones of some length, as #. */
function withoutNumbers(name: string): string {
  return name.replaceAll(/[0-9a-z]+/gi, (word) =>
    word.length >= 8 && /\d/.test(word) && /^[0-9a-f]+$/i.test(word) ? '#' : word.replaceAll(/\d+/g, '#'),
  );
}

/** True: `pattern`, with * for any characters, is the path, one of its ends, or a folder of it. */
export function matchesEntry(path: string, pattern: string): boolean {
  const parts = path.split(/[/\\]/);
  return parts.some(
    (_, i) =>
      matchesPattern(parts.slice(i).join('/'), pattern) ||
      matchesPattern(parts.slice(0, i).join('/'), pattern),
  );
}

/** True: `name` is what `pattern` says, with * for any characters. */
export function matchesPattern(name: string, pattern: string): boolean {
  const [first, ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const other of others) {
    const found = name.indexOf(other, at);
    if (found === -1) return false;
    at = found + other.length;
  }
  return at <= name.length - last.length;
}
