import type { DataWarning } from './dataset.ts';
import type { CellField } from './formats/layout.ts';
import { mostPlaces } from './profile/listTally.ts';
import type { ColumnProfile, ListProfile } from './profile/profile.ts';

/** Of few different parts a field for each, `genres=Drama`; of many, fields of the first parts, `tags 1`. */
export function listFields(name: string, { separator, parts, most }: ListProfile): readonly CellField[] {
  if (parts !== null) {
    return parts.toSorted().map((part) => ({ name: `${name}=${part}`, category: { separator, part } }));
  }
  return Array.from({ length: Math.min(most, mostPlaces) }, (_, index) => ({
    name: `${name} ${index + 1}`,
    category: { separator, index },
  }));
}

/** What the split of a column leaves out. */
export function warnOfList(name: string, { parts, cut }: ListProfile, isWhole: boolean): DataWarning[] {
  const warn = (message: string, remedy: string): DataWarning[] => [
    { kind: 'list', column: name, message, remedy },
  ];
  if (parts === null && cut > 0) {
    return warn(
      `${cut.toLocaleString('en')} cells of “${name}” have more than ${mostPlaces} parts: the first ${mostPlaces} are kept.`,
      'Write the parts that matter first, or leave its cells whole.',
    );
  }
  if (parts !== null && !isWhole) {
    return warn(
      `“${name}” has ${parts.length} different parts where it was looked at: others are left out.`,
      'Leave its cells whole if there are many others.',
    );
  }
  return [];
}

const likelyShare = 0.2;

/** The separator by which a column is most probably one of lists; null: its cells look like single values. */
export function likelyList({ lists, count }: ColumnProfile): ListProfile | null {
  const isTelling = ({ separator, cells }: ListProfile) =>
    (separator === '|' || separator === ';') && cells >= likelyShare * count;
  return lists.find(isTelling) ?? null;
}

export function warnOfWholeLists(name: string, { separator }: ListProfile, example: string): DataWarning {
  return {
    kind: 'list',
    column: name,
    message: `cells of “${name}” are lists, as “${example.slice(0, 40)}”: each is taken as a whole for one value.`,
    remedy: `To learn of their parts, split them at “${separator}” (--split-cells '${name}=${separator}').`,
  };
}
