import controls from '../shared/controls.module.css';
import forms from '../shared/forms.module.css';
import styles from './dialogs.module.css';
import { useState } from 'react';
import { type ColumnRole, defaultLoadOptions, type Preview } from '../../data/source.ts';
import { formatBytes, formatCount } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import { Modal } from '../shared/Modal.tsx';

const roles: Readonly<Record<ColumnRole, string>> = {
  label: 'label',
  number: 'number',
  category: 'category',
  time: 'time',
  ignore: 'ignore',
};

/** Asks for the roles of a table's columns, starting from guesses. */
export function PreviewDialog() {
  const { data } = useDimmer();
  const pending = useApp((state) => state.preview);
  if (!pending) return null;
  const { file, preview } = pending;
  return (
    <Modal
      title={file.name}
      description={`${formatBytes(preview.sizeBytes)}${describeContents(file.name, preview)}. Its first ${preview.rows.length} lines; say what each column is.`}
      isOpen
      isWide
      onClose={data.cancel}
    >
      <PreviewForm
        key={`${file.name} ${file instanceof File ? file.lastModified : file.size}`}
        preview={preview}
      />
    </Modal>
  );
}

/** What is not text of the file itself: the file in it, its format, and what is left out or guessed. */
function describeContents(name: string, { contents }: Preview): string {
  const { files, encoding, columns, notes } = contents;
  const parts = [
    ...(files.length > 0 && files[0] !== name ? [`, from ${files[0]}`] : []),
    ...(columns && encoding === null ? [', Parquet'] : columns ? [', JSON'] : []),
    ...notes.map(({ message }) => `. ${message.replace(/[.]$/, '')}`),
  ];
  return parts.join('');
}

function PreviewForm({ preview }: { readonly preview: Preview }) {
  const { data } = useDimmer();
  const [chosen, setChosen] = useState<readonly ColumnRole[]>(preview.columns.map(({ role }) => role));
  const [minCount, setMinCount] = useState('auto');
  const [maxExamples, setMaxExamples] = useState(formatCount(defaultLoadOptions.maxExamples));
  const [splitBy, setSplitBy] = useState<'hash' | 'time'>('hash');
  const rareThreshold = minCount.trim() === 'auto' || minCount.trim() === '' ? null : parseCountBox(minCount);
  const rowLimit = parseCountBox(maxExamples);
  const hasTime = chosen.includes('time');
  const problem = findProblem(chosen, rareThreshold, rowLimit);

  function load(): void {
    if (rowLimit === undefined || rareThreshold === undefined) return;
    void data.loadTable({
      roles: chosen,
      minCount: rareThreshold,
      maxExamples: rowLimit,
      splitBy: hasTime ? splitBy : 'hash',
    });
  }

  return (
    <>
      <div className={styles.sheet} role="region" aria-label="First lines of the file" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {preview.columns.map(({ name }, i) => (
                <th key={name} scope="col">
                  <div title={name}>{name}</div>
                  <select
                    className={controls.select}
                    aria-label={`Role of ${name}`}
                    value={chosen[i]}
                    onChange={(event) =>
                      setChosen(withRole(chosen, i, event.currentTarget.value as ColumnRole))
                    }
                  >
                    {Object.entries(roles).map(([role, label]) => (
                      <option key={role} value={role}>
                        {label}
                      </option>
                    ))}
                  </select>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row, line) => (
              // oxlint-disable-next-line react/no-array-index-key -- lines have no other identity
              <tr key={line}>
                {preview.columns.map(({ name }, i) => (
                  <td key={name} data-role={chosen[i]}>
                    {row[i]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={forms.fields}>
        <label className={forms.field}>
          <span>Rare threshold t</span>
          <input
            className={controls.input}
            value={minCount}
            onChange={(event) => setMinCount(event.currentTarget.value)}
          />
          <small>Values seen fewer than t times share one row. auto: 2 for clicks, 1 for ratings.</small>
        </label>
        <label className={forms.field}>
          <span>Row limit</span>
          <input
            className={controls.input}
            value={maxExamples}
            onChange={(event) => setMaxExamples(event.currentTarget.value)}
          />
          <small>Of a longer file, a uniform random sample is kept.</small>
        </label>
        <label className={forms.field}>
          <span>Split</span>
          <select
            className={controls.select}
            value={hasTime ? splitBy : 'hash'}
            disabled={!hasTime}
            onChange={(event) => setSplitBy(event.currentTarget.value as 'hash' | 'time')}
          >
            <option value="hash">by hash: random 80 / 10 / 10</option>
            <option value="time">by time: the last lines are the test</option>
          </select>
          <small>
            {hasTime ? 'Both keep a tenth each for validation and test.' : 'By time needs a time column.'}
          </small>
        </label>
      </div>
      <div className={forms.actions}>
        <span role="status" className={controls.muted}>
          {problem}
        </span>
        <button type="button" className={controls.button} onClick={data.cancel}>
          Cancel
        </button>
        <button
          type="button"
          className={controls.primary}
          data-testid="preview-load"
          disabled={problem !== ''}
          onClick={load}
        >
          Load
        </button>
      </div>
    </>
  );
}

/** Only one column is the label and one the time: choosing another resets the first. */
function withRole(chosen: readonly ColumnRole[], column: number, role: ColumnRole): readonly ColumnRole[] {
  const isSingle = role === 'label' || role === 'time';
  return chosen.map((before, i) => (i === column ? role : isSingle && before === role ? 'ignore' : before));
}

function findProblem(
  chosen: readonly ColumnRole[],
  rareThreshold: number | null | undefined,
  rowLimit: number | undefined,
): string {
  if (!chosen.includes('label')) return 'Choose the column that is the label.';
  if (!chosen.includes('category')) return 'Choose at least one category: its values get the embeddings.';
  if (rareThreshold === undefined) return 'The rare threshold is a whole number from 1, or auto.';
  if (rowLimit === undefined) return 'The row limit is a whole number from 1.';
  return '';
}

/** Reads a whole number from 1, also as 2,000,000, 2M or 500k. undefined for anything else. */
function parseCountBox(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kKM]?)$/.exec(text.replaceAll(/[,\s]/g, ''));
  if (!match) return undefined;
  const count = Math.round(Number(match[1]) * { k: 1e3, K: 1e3, M: 1e6, '': 1 }[match[2]]!);
  return count >= 1 ? count : undefined;
}
