import { likelyList } from '../data/listFields.ts';
import type { ColumnProfile } from '../data/profile/profile.ts';
import type { PreviewColumn } from '../data/source.ts';
import { writeCount } from '../quantities/quantities.ts';

/** Two lines a column: its role with the reason, and its profile. */
export function formatColumns(columns: readonly PreviewColumn[]): readonly string[] {
  return columns.flatMap(({ name, role, confidence, reason, profile }) => [
    `  ${name}: ${role}, ${confidence === 'weak' ? 'a weak guess: ' : ''}${reason}`,
    ...(profile ? [`    ${describeProfile(profile)}`] : []),
  ]);
}

function describeProfile(profile: ColumnProfile) {
  const { count, distinct, missing, numbers, numberShare, mark, examples } = profile;
  const parts = [
    `${writeCount(count)} values, ${distinct.isExact ? '' : 'about '}${writeCount(distinct.count)} different`,
  ];
  const gone = missing.reduce((sum, marker) => sum + marker.count, 0);
  if (gone > 0) {
    const markers = missing.map(({ marker, count: times }) => `${marker} ${writeCount(times)}`);
    parts.push(`${writeCount(gone)} missing (${markers.join(', ')})`);
  }
  if (numbers && numberShare[mark] >= 0.5) {
    const share = numberShare[mark] < 1 ? `${(100 * numberShare[mark]).toFixed(1)} % numbers, ` : '';
    const negatives = numbers.negatives > 0 ? `, ${writeCount(numbers.negatives)} negative` : '';
    parts.push(`${share}${short(numbers.least)} to ${short(numbers.largest)}${negatives}`);
  }
  const list = likelyList(profile);
  if (list) {
    const different = list.parts ? `${list.parts.length} different` : `up to ${list.most}`;
    parts.push(`lists at “${list.separator}” of ${different} parts`);
  }
  if (examples.length > 0) parts.push(`as ${examples.map((cell) => cell.slice(0, 24)).join(', ')}`);
  return parts.join('; ');
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
