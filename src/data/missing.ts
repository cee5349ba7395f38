/** What stands for a missing value, in lower case and without blanks around it. */
const markers: ReadonlySet<string> = new Set([
  '',
  '?',
  '.',
  '-',
  '--',
  'na',
  'n/a',
  'n.a.',
  'undefined',
  '#n/a',
  '#na',
  '<na>',
  'nan',
  '-nan',
  '#nan',
  'null',
  '(null)',
  '<null>',
  'none',
  'nil',
  'nat',
  '\\n',
  'missing',
  'inf',
  '+inf',
  '-inf',
  'infinity',
  '+infinity',
  '-infinity',
  '#div/0!',
  '#value!',
  '#ref!',
  '#name?',
  '#num!',
  '#null!',
]);
const longestMarker = 9;

/** True: the cell says that there is no value. */
export function isMissing(cell: string): boolean {
  if (cell === '') return true;
  if (cell.length > 24) return false;
  const text = cell.trim();
  return text.length <= longestMarker && markers.has(text.toLowerCase());
}

/** How a report names a marker. */
export function markerName(cell: string): string {
  return cell.trim() === '' ? 'empty' : cell.trim();
}
