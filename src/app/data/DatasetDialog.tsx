import type { FormatId, Planted } from '../../data/dataset.ts';
import { formatBytes, formatCount, formatDuration, pluralize } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './dialogs.module.css';
import { Modal } from '../shared/Modal.tsx';

const formats: Readonly<Record<FormatId, string>> = {
  criteo: 'Criteo TSV',
  avazu: 'Avazu CSV',
  'movielens-tab': 'MovieLens u.data',
  'movielens-colons': 'MovieLens ratings.dat',
  'movielens-csv': 'MovieLens ratings.csv',
  table: 'Table',
  sample: 'Built-in sample, the same bits every time',
};

/** What was read, what was left out, and how it was split. */
export function DatasetDialog() {
  const { ui } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'dataset');
  const dataset = useApp((state) => state.dataset);
  if (!dataset) return null;
  const { report, splits, fields, numericColumns, task, labelMean } = dataset;
  const rows = fields.reduce((sum, field) => sum + field.cardinality, 0);
  const fold =
    report.minCount > 1
      ? `values seen fewer than ${report.minCount} times share one row per field`
      : 'every value has its own row; unseen ones share the rare row';
  return (
    <Modal
      title={dataset.name}
      description={formats[dataset.format]}
      isOpen={isOpen}
      onClose={() => ui.openDialog(null)}
    >
      <dl className={styles.facts}>
        <dt>Read</dt>
        <dd>
          {formatCount(report.linesRead)} lines, {formatBytes(report.bytesRead)}, in{' '}
          {formatDuration(report.elapsedMs / 1000)}
        </dd>
        <dt>Kept</dt>
        <dd>
          {formatCount(dataset.examples)} examples
          {report.sampled && ', a uniform random sample: the row limit was reached'}
        </dd>
        <dt>Skipped</dt>
        <dd>
          {report.skipped.length === 0
            ? 'no line'
            : report.skipped.map(({ reason, count, firstLine }) => (
                <div key={reason}>
                  {pluralize(count, 'line')}: {reason} (first: line {formatCount(firstLine)})
                </div>
              ))}
        </dd>
        {report.warnings.length > 0 && <dt>Warnings</dt>}
        {report.warnings.length > 0 && (
          <dd>
            {report.warnings.map(({ message, remedy }) => (
              <div key={message}>
                {message} <span className={controls.muted}>{remedy}</span>
              </div>
            ))}
          </dd>
        )}
        <dt>Split by {report.splitBy}</dt>
        <dd>
          {formatCount(splits.train.count)} training, {formatCount(splits.validation.count)} validation,{' '}
          {formatCount(splits.test.count)} test
        </dd>
        <dt>Label</dt>
        <dd>
          {task === 'ranking'
            ? 'none: every line is something that happened'
            : task === 'click'
              ? `click rate ${(100 * labelMean).toFixed(1)} %`
              : `a number, ${labelMean.toPrecision(4)} on average`}
        </dd>
        <dt>Columns</dt>
        <dd>
          {pluralize(fields.length, 'field')} with {pluralize(rows, 'row')},{' '}
          {pluralize(numericColumns.length, 'number column')}; {fold}
        </dd>
        {dataset.bestPossible && (
          <>
            <dt>Best possible</dt>
            <dd>
              {dataset.bestPossible.metric === 'auc' ? 'AUC' : 'RMSE'} {dataset.bestPossible.value.toFixed(4)}{' '}
              on the test split, by an oracle that knows the planted model
            </dd>
          </>
        )}
      </dl>
      {dataset.planted && <PlantedFacts planted={dataset.planted} />}
    </Modal>
  );
}

/** The structure that was planted in a built-in sample. */
function PlantedFacts({ planted }: { readonly planted: readonly Planted[] }) {
  return (
    <details className={styles.planted}>
      <summary>What is in this sample?</summary>
      <ul>
        {planted.map(({ kind, sentence }) => (
          <li key={kind}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}
