import controls from '../shared/controls.module.css';
import forms from '../shared/forms.module.css';
import { useState } from 'react';
import type { DataWarning, SplitRule } from '../../data/dataset.ts';
import { parseLabelRule, writeLabelRule } from '../../data/labelReading.ts';
import { isAmbiguousDate } from '../../data/profile/profile.ts';
import { findRoleProblem } from '../../data/roles.ts';
import { type ColumnRole, type Preview } from '../../data/source.ts';
import { readCount } from '../../quantities/quantities.ts';
import { formatBytes, formatCount } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import { Modal } from '../shared/Modal.tsx';
import { ColumnTable, type TransformKind } from './ColumnTable.tsx';
import { ReadingFields } from './ReadingFields.tsx';
import type { PendingTable } from './state.ts';

/** Asks for the roles of a table's columns, starting from guesses. */
export function PreviewDialog() {
  const { data } = useDimmer();
  const pending = useApp((state) => state.preview);
  if (!pending) return null;
  const { file, preview, reading } = pending;
  return (
    <Modal
      title={file.name}
      description={`${formatBytes(preview.sizeBytes)}${describeContents(file.name, preview)}. ${describeProfiled(preview)}Say what each column is.`}
      isOpen
      isWide
      onClose={data.cancel}
    >
      <PreviewForm
        key={`${file.name} ${file instanceof File ? file.lastModified : file.size} ${JSON.stringify(reading)}`}
        pending={pending}
      />
    </Modal>
  );
}

function describeProfiled({ profiled }: Preview): string {
  if (profiled === null) return '';
  const unfit = profiled.unfit.map(({ reason, count, firstLine }) => {
    const first = firstLine === null ? '' : ` (first: line ${formatCount(firstLine)})`;
    return ` ${formatCount(count)} of them will be left out: ${reason}${first}.`;
  });
  return `Looked at: ${profiled.sample}, ${formatCount(profiled.rows)}.${unfit.join('')} `;
}

/** What is not text of the file itself: the file in it, and its format. */
function describeContents(name: string, { contents }: Preview): string {
  const { files, encoding, columns } = contents;
  const parts = [
    ...(files.length > 0 && files[0] !== name ? [`, from ${files[0]}`] : []),
    ...(columns && encoding === null ? [', Parquet'] : columns ? [', JSON'] : []),
  ];
  return parts.join('');
}

function PreviewForm({ pending }: { readonly pending: PendingTable }) {
  const { data } = useDimmer();
  const { preview, tried } = pending;
  const before = tried?.choices;
  const [chosen, setChosen] = useState<readonly ColumnRole[]>(
    before?.roles ?? preview.columns.map(({ role }) => role),
  );
  const [transforms, setTransforms] = useState<readonly (TransformKind | null)[]>(
    before?.transforms ?? preview.columns.map(() => null),
  );
  const [splitCells, setSplitCells] = useState(before?.splitCells ?? []);
  const [minCount, setMinCount] = useState(before?.minCount ? String(before.minCount) : 'auto');
  const [maxExamples, setMaxExamples] = useState(describeLimit(before?.maxExamples));
  const [splitBy, setSplitBy] = useState<SplitRule>(before?.splitBy ?? 'hash');
  const [rule, setRule] = useState(before?.labelRule ? writeLabelRule(before.labelRule) : '');
  const [positive, setPositive] = useState(before?.positive ? writeLabelRule(before.positive) : '');
  const [dateOrder, setDateOrder] = useState(before?.dateOrder ?? null);
  const [decimalMark, setDecimalMark] = useState(before?.decimalMark ?? null);
  const [failure, setFailure] = useState(tried?.failure ?? '');
  const rareThreshold = minCount.trim() === 'auto' || minCount.trim() === '' ? null : parseCountBox(minCount);
  const rowLimit = isNone(maxExamples) ? Infinity : parseCountBox(maxExamples);
  const labelRule = rule.trim() === '' ? null : parseLabelRule(rule);
  const hasTime = chosen.includes('time');
  const split = splitBy === 'time' && !hasTime ? 'hash' : splitBy;
  const positiveRule = positive.trim() === '' ? null : parseLabelRule(positive);
  const columns = preview.columns.map(({ name }, i) => ({ name, role: chosen[i] }));
  const time = preview.columns[chosen.indexOf('time')];
  const isOrderOpen = time?.profile ? isAmbiguousDate(time.profile) : false;
  const isMarkOpen = preview.warnings.some(({ kind }) => kind === 'ambiguous-number');
  const problem = findProblem();

  function findProblem(): string {
    const found = findRoleProblem(columns, split);
    if (found) return `${sentence(found.problem)} ${found.remedy}`;
    if (rareThreshold === undefined) return 'The rare threshold is a whole number from 1, or auto.';
    if (rowLimit === undefined) return 'The row limit is a whole number from 1, or none.';
    if (rule.trim() !== '' && labelRule === null) return 'A rule for labels is written >=4, >0 or =buy.';
    if (positive.trim() !== '' && positiveRule === null)
      return 'A rule for what is ranked is written >=4, >0 or =buy.';
    if ((split === 'time' || split === 'leave-last-out') && hasTime && isOrderOpen && dateOrder === null) {
      return `Say what “${time!.profile!.examples[0]}” begins with, the day or the month, or split by hash.`;
    }
    return '';
  }

  /** Lists are split in the table above, or are no category any more. */
  function stillHolds({ kind, column }: DataWarning): boolean {
    if (kind !== 'list') return true;
    const isWhole = !splitCells.some((choice) => choice.column === column);
    return isWhole && columns.some(({ name, role }) => name === column && role === 'category');
  }

  function load(): void {
    if (rowLimit === undefined || rareThreshold === undefined) return;
    void data.loadTable({
      roles: chosen,
      minCount: rareThreshold,
      maxExamples: rowLimit,
      splitBy: split,
      transforms,
      splitCells: splitCells.filter(({ column }) =>
        columns.some(({ name, role }) => name === column && role === 'category'),
      ),
      labelRule,
      positive: positiveRule,
      dateOrder,
      decimalMark,
    });
  }

  return (
    <>
      <ColumnTable
        columns={preview.columns}
        roles={chosen}
        transforms={transforms}
        onRole={(column, role) => {
          setChosen(withRole(chosen, column, role));
          setFailure('');
        }}
        onTransform={(column, transform) => setTransforms(transforms.with(column, transform))}
        splitCells={splitCells}
        onSplitCells={(column, separator) =>
          setSplitCells([
            ...splitCells.filter((choice) => choice.column !== column),
            ...(separator === null ? [] : [{ column, separator }]),
          ])
        }
      />
      {preview.warnings.filter(stillHolds).map(({ message, remedy }) => (
        <p key={message}>
          {sentence(message)} <span className={controls.muted}>{remedy}</span>
        </p>
      ))}
      <div className={forms.fields}>
        <ReadingFields
          name={pending.file.name}
          contents={preview.contents}
          reading={pending.reading}
          onChange={(reading) => void data.reread(reading)}
        />
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
          <small>Of a longer file, a uniform random sample is kept. none: all lines are.</small>
        </label>
        <label className={forms.field}>
          <span>Split</span>
          <select
            className={controls.select}
            value={split}
            onChange={(event) => setSplitBy(event.currentTarget.value as SplitRule)}
          >
            <option value="hash">by hash: random 80 / 10 / 10</option>
            <option value="time" disabled={!hasTime}>
              by time: the last lines are the test
            </option>
            <option value="stratified">stratified: each label has its share</option>
            <option value="leave-last-out">leave last out: of every user the last is the test</option>
          </select>
          <small>
            {hasTime ? 'All keep a tenth each for validation and test.' : 'By time needs a time column.'}
          </small>
        </label>
        <label className={forms.field}>
          <span>Rule for labels</span>
          <input
            className={controls.input}
            value={rule}
            placeholder=">=4"
            onChange={(event) => setRule(event.currentTarget.value)}
          />
          <small>
            {preview.labelReading === null
              ? 'Makes clicks of the label: >=4, >0 or =buy. Empty: its values are the labels.'
              : `Empty: ${preview.labelReading}.`}
          </small>
        </label>
        <label className={forms.field}>
          <span>Rank what fulfils</span>
          <input
            className={controls.input}
            value={positive}
            placeholder=">=4"
            onChange={(event) => setPositive(event.currentTarget.value)}
          />
          <small>
            Learns which items users come to: lines whose label fulfils the rule are examples, the others are
            not. Empty: the label is predicted.
          </small>
        </label>
        {isOrderOpen && (
          <label className={forms.field}>
            <span>Dates begin with</span>
            <select
              className={controls.select}
              value={dateOrder ?? ''}
              onChange={(event) => setDateOrder((event.currentTarget.value || null) as typeof dateOrder)}
            >
              <option value="">not known</option>
              <option value="day-first">the day</option>
              <option value="month-first">the month</option>
            </select>
            <small>No date of the column decides.</small>
          </label>
        )}
        {isMarkOpen && (
          <label className={forms.field}>
            <span>Decimal mark</span>
            <select
              className={controls.select}
              value={decimalMark ?? ''}
              onChange={(event) => setDecimalMark((event.currentTarget.value || null) as typeof decimalMark)}
            >
              <option value="">as the columns say</option>
              <option value=".">point</option>
              <option value=",">comma</option>
            </select>
            <small>No cell says whether a mark is of decimals or of thousands.</small>
          </label>
        )}
      </div>
      <div className={forms.actions}>
        <span role="status" className={controls.muted}>
          {problem || failure}
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

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function describeLimit(maxExamples = Infinity): string {
  return maxExamples === Infinity ? 'none' : formatCount(maxExamples);
}

function isNone(text: string): boolean {
  return text.trim() === '' || text.trim() === 'none';
}

/** Reads a whole number from 1, also as 2,000,000, 2M or 500k. undefined for anything else. */
function parseCountBox(text: string): number | undefined {
  const count = readCount(text);
  return Number.isInteger(count) && count >= 1 ? count : undefined;
}
