import styles from './charts.module.css';
import { LineSample } from './LineKey.tsx';

export interface TooltipRow {
  readonly label: string;
  /** With its unit. */
  readonly value: string;
  /** Of the line that it is read from. */
  readonly stroke?: string;
  readonly dashes?: string;
}

interface TooltipBoxProps {
  readonly title: string;
  readonly rows: readonly TooltipRow[];
}

export function TooltipBox({ title, rows }: TooltipBoxProps) {
  return (
    <div className={styles.tooltip} data-testid="chart-tooltip">
      <strong>{title}</strong>
      <dl>
        {rows.map(({ label, value, stroke, dashes }) => (
          <div key={label}>
            <dt>
              {stroke && <LineSample stroke={stroke} dashes={dashes} />}
              {label}
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
