import { listFields } from '../../data/listFields.ts';
import type { ColumnProfile, ListProfile } from '../../data/profile/profile.ts';
import controls from '../shared/controls.module.css';
import { pluralize } from '../shared/format.ts';

/** Asks whether the cells of a category are one value each, or lists that are split. */
export function ListSelect({
  profile: { name, lists },
  separator,
  onChange,
}: {
  readonly profile: ColumnProfile;
  /** null: a cell is one value. */
  readonly separator: string | null;
  readonly onChange: (separator: string | null) => void;
}) {
  return (
    <select
      className={controls.select}
      aria-label={`Cells of ${name}`}
      value={separator ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    >
      <option value="">one value</option>
      {lists.map((list) => (
        <option key={list.separator} value={list.separator}>
          {describeSplit(name, list)}
        </option>
      ))}
    </select>
  );
}

function describeSplit(name: string, list: ListProfile): string {
  const at = list.separator === ' ' ? 'blanks' : `“${list.separator}”`;
  const fields = listFields(name, list).length;
  return `split at ${at}: ${list.parts === null ? `the first ${fields} parts` : pluralize(fields, 'yes/no field')}`;
}
