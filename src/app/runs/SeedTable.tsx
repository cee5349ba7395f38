import controls from '../shared/controls.module.css';
import styles from './RunRows.module.css';
import { formatSpread } from '../../comparison/summary.ts';
import { methodMarks } from '../accuracy/methodMarks.ts';
import { formatBytes, formatCount } from '../shared/format.ts';
import type { Metric } from '../accuracy/metrics.ts';
import type { RunRecord } from './runRecord.ts';
import { againstUniform, summariseRuns, type SummaryRow } from './seedGroups.ts';
import { useApp, useDimmer } from '../useDimmer.ts';

interface SeedTableProps {
  readonly runs: readonly RunRecord[];
  readonly metric: Metric;
}

/** One row per setting, with mean ± standard deviation over its seeds. */
export function SeedTable({ runs, metric }: SeedTableProps) {
  const split = useApp((state) => state.split);
  return (
    <table className={controls.table}>
      <caption className={controls.visuallyHidden}>Means over seeds on this data set</caption>
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Budget</th>
          <th scope="col">Parameters</th>
          <th scope="col">{metric.label}</th>
          <th scope="col" title="Mean over pairs of equal seeds, with the 95 % interval of Student’s t">
            Against uniform
          </th>
          <th scope="col">Model</th>
          <th scope="col">ms / step</th>
          <th scope="col">Seeds</th>
        </tr>
      </thead>
      <tbody>
        {summariseRuns(runs, [metric], split).map((row) => (
          <SeedRow
            key={row.key}
            row={row}
            metric={metric}
            against={againstUniform(runs, row.ids, metric, split)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface SeedRowProps {
  readonly row: SummaryRow;
  readonly metric: Metric;
  /** '' for uniform itself, and where no uniform run has its budget and seeds. */
  readonly against: string;
}

function SeedRow({ row, metric, against }: SeedRowProps) {
  const { runList } = useDimmer();
  const isHovered = useApp(({ hoveredRuns }) => row.ids.some((id) => hoveredRuns.includes(id)));
  const { method, budget, parameters, metrics, modelBytes, msPerStep, runs, inconclusive } = row.summary;
  const { path, color } = methodMarks[method];
  const spread = metrics[metric.id];
  return (
    <tr
      data-testid="seed-row"
      data-hovered={isHovered}
      onPointerEnter={() => runList.hover(row.ids)}
      onPointerLeave={() => runList.hover([])}
    >
      <th scope="row">
        <span className={styles.nameCell}>
          <svg className={styles.swatch} width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
            <path d={path} fill={color} />
          </svg>
          <span className={styles.text} title={row.name}>
            {row.name}
          </span>
        </span>
      </th>
      <td>{formatCount(budget)}</td>
      <td>{formatCount(parameters)}</td>
      <td>{spread ? formatSpread(spread, metric.digits) : '–'}</td>
      <td>{against || '–'}</td>
      <td>{formatBytes(modelBytes)}</td>
      <td>{msPerStep ? formatSpread(msPerStep, 1) : '–'}</td>
      <td>{inconclusive > 0 ? `${runs - inconclusive} of ${runs}` : runs}</td>
    </tr>
  );
}
