import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import { formatCount } from '../shared/format.ts';
import controls from '../shared/controls.module.css';
import styles from './spectrum.module.css';

interface SurprisingRowsProps {
  readonly report: FieldReport;
  readonly rareId: number;
}

/** Rows whose rank in leverage is far better than in popularity. */
export function SurprisingRows({ report, rareId }: SurprisingRowsProps) {
  const { surprises } = report;
  if (surprises.length === 0)
    return <p className={controls.muted}>None: leverage follows popularity in this field.</p>;
  return (
    <table className={controls.table} data-testid="surprising-rows">
      <caption className={controls.visuallyHidden}>
        Rows that matter more than their popularity says: leverage and both ranks
      </caption>
      <thead>
        <tr>
          <th scope="col">Value</th>
          <th
            scope="col"
            title="How far this row alone decides the directions of the table, 0 to 1; and its rank"
          >
            Leverage
          </th>
          <th scope="col" title="Its rank by lookups in training">
            Popularity
          </th>
        </tr>
      </thead>
      <tbody>
        {surprises.map(({ row, value, leverage, leverageRank, popularityRank, lookups }) => (
          <tr key={row}>
            <th scope="row" className={styles.value} title={value ?? undefined}>
              {value ?? (row === rareId ? 'rare values' : `#${row}`)}
            </th>
            <td>
              {leverage.toFixed(3)} <span className={controls.muted}>{ordinal(leverageRank)}</span>
            </td>
            <td title={`Looked up ${formatCount(lookups)} times in training`}>{ordinal(popularityRank)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const ordinal = (rank: number): string => `${formatCount(rank)}.`;

/** The chart in numbers. */
export function ValueTable({ report }: { readonly report: FieldReport }) {
  const { singularValues, weightedValues, typicalError, rank } = report;
  const values = singularValues.slice(0, rank);
  return (
    <table className={controls.table}>
      <caption className={controls.visuallyHidden}>Singular values, from the largest on</caption>
      <thead>
        <tr>
          <th scope="col">k</th>
          <th scope="col">σ of all rows</th>
          {typicalError > 0 && <th scope="col">± as a rule</th>}
          <th scope="col">as looked up</th>
        </tr>
      </thead>
      <tbody>
        {values.map((value, k) => (
          // The k-th is the k-th, whatever its value.
          // oxlint-disable-next-line react/no-array-index-key
          <tr key={k}>
            <th scope="row">{k + 1}</th>
            <td>{value.toPrecision(3)}</td>
            {typicalError > 0 && <td>{(typicalError * value).toPrecision(2)}</td>}
            <td>{weightedValues[k]?.toPrecision(3) ?? '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
