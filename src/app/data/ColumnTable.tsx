import { useState } from 'react';
import type { ColumnProfile } from '../../data/profile/profile.ts';
import type { ColumnRole, ListChoice, PreviewColumn } from '../../data/source.ts';
import controls from '../shared/controls.module.css';
import { formatCount } from '../shared/format.ts';
import styles from './dialogs.module.css';
import { ListSelect } from './ListSelect.tsx';

export type TransformKind = NonNullable<PreviewColumn['transform']>;

const roleNames: readonly ColumnRole[] = ['label', 'number', 'category', 'time', 'ignore'];
const transformNames: Readonly<Record<TransformKind, string>> = {
  log: 'logarithm',
  'signed-log': 'logarithm with sign',
  standardise: 'standardised',
};

/** Past so many columns they can be searched. */
const searchedColumns = 12;

/** The columns of a file, the label first: what each holds, and the role that it gets. */
export function ColumnTable({
  columns,
  roles,
  transforms,
  onRole,
  onTransform,
  splitCells,
  onSplitCells,
}: {
  readonly columns: readonly PreviewColumn[];
  readonly roles: readonly ColumnRole[];
  readonly transforms: readonly (TransformKind | null)[];
  readonly onRole: (column: number, role: ColumnRole) => void;
  readonly onTransform: (column: number, transform: TransformKind) => void;
  readonly splitCells: readonly ListChoice[];
  readonly onSplitCells: (column: string, separator: string | null) => void;
}) {
  const [search, setSearch] = useState('');
  // The order of the beginning: a row must not jump from under the pointer.
  const [order] = useState(() => labelFirst(roles));
  const shown = order.filter((i) => columns[i].name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <>
      {columns.length > searchedColumns && (
        <input
          className={controls.input}
          type="search"
          aria-label="Search columns"
          placeholder={`Search ${formatCount(columns.length)} columns`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <div className={styles.sheet} role="region" aria-label="Columns of the file" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Role</th>
              <th scope="col">Read as</th>
              <th scope="col">Because</th>
              <th scope="col">Values</th>
              <th scope="col">Range</th>
              <th scope="col">Examples</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((i) => {
              const { name, role, reason, confidence, transform, profile } = columns[i];
              return (
                <tr key={name}>
                  <th scope="row" title={name}>
                    {name}
                  </th>
                  <td>
                    <select
                      className={controls.select}
                      aria-label={`Role of ${name}`}
                      value={roles[i]}
                      onChange={(event) => onRole(i, event.currentTarget.value as ColumnRole)}
                    >
                      {roleNames.map((one) => (
                        <option key={one} value={one}>
                          {one}
                        </option>
                      ))}
                    </select>
                  </td>
                  <td>
                    {roles[i] === 'number' && (
                      <select
                        className={controls.select}
                        aria-label={`Transform of ${name}`}
                        value={transforms[i] ?? transform ?? 'log'}
                        onChange={(event) => onTransform(i, event.currentTarget.value as TransformKind)}
                      >
                        {Object.entries(transformNames).map(([kind, label]) => (
                          <option key={kind} value={kind}>
                            {label}
                          </option>
                        ))}
                      </select>
                    )}
                    {roles[i] === 'category' && profile && profile.lists.length > 0 && (
                      <ListSelect
                        profile={profile}
                        separator={splitCells.find(({ column }) => column === name)?.separator ?? null}
                        onChange={(separator) => onSplitCells(name, separator)}
                      />
                    )}
                  </td>
                  <td title={reason} className={styles.because}>
                    {roles[i] === role
                      ? `${confidence === 'weak' ? 'a guess: ' : ''}${reason}`
                      : 'you say so'}
                  </td>
                  <td>{profile && describeValues(profile)}</td>
                  <td>{profile && describeRange(profile)}</td>
                  <td data-role={roles[i]} title={profile?.examples.join(', ')}>
                    {profile?.examples.join(', ')}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

function labelFirst(roles: readonly ColumnRole[]): readonly number[] {
  const label = roles.indexOf('label');
  const others = Array.from(roles.keys()).filter((i) => i !== label);
  return label === -1 ? others : [label, ...others];
}

function describeValues({ distinct, missing }: ColumnProfile): string {
  const gone = missing.reduce((sum, { count }) => sum + count, 0);
  const different = `${distinct.isExact ? '' : 'about '}${formatCount(distinct.count)} different`;
  if (gone === 0) return different;
  return `${different}, ${formatCount(gone)} missing (${missing.map(({ marker }) => marker).join(', ')})`;
}

function describeRange({ numbers, numberShare, mark }: ColumnProfile): string {
  if (numbers === null || numberShare[mark] < 0.5) return '';
  const negatives = numbers.negatives > 0 ? `, ${formatCount(numbers.negatives)} negative` : '';
  return `${formatNumber(numbers.least)} to ${formatNumber(numbers.largest)}${negatives}`;
}

function formatNumber(value: number): string {
  return value.toLocaleString('en', Number.isInteger(value) ? {} : { maximumSignificantDigits: 5 });
}
