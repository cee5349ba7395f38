import type { MethodId } from '../../settings/settings.ts';
import { useApp } from '../useDimmer.ts';
import type { AccuracyScene } from './accuracyScene.ts';
import styles from './charts.module.css';
import { methodMarks } from './methodMarks.ts';

/** Only what is on the chart. */
export function AccuracyLegend({ scene }: { readonly scene: AccuracyScene }) {
  const isTraining = useApp((state) => state.current !== null);
  const used = (Object.keys(methodMarks) as MethodId[]).filter((method) =>
    scene.points.some(({ run }) => run.result.settings.method === method),
  );
  return (
    <ul className={styles.legend} aria-label="Legend">
      {used.map((method) => (
        <li key={method}>
          <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
            <path d={methodMarks[method].path} fill={methodMarks[method].color} />
          </svg>
          {methodMarks[method].label}
        </li>
      ))}
      {scene.front.length > 0 && <LineKey label="Pareto front" stroke="var(--text)" />}
      {scene.uniform.length > 0 && (
        <LineKey label="Uniform reference" stroke="var(--series-uniform)" dashes="6 4" />
      )}
      {isTraining && (
        <li>
          <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
            <circle r="4.5" fill="none" stroke="var(--accent)" strokeWidth="2" />
            <circle r="1.5" fill="var(--accent)" />
          </svg>
          Training (validation)
        </li>
      )}
    </ul>
  );
}

interface LineKeyProps {
  readonly label: string;
  readonly stroke: string;
  readonly dashes?: string;
  readonly width?: number;
}

export function LineKey({ label, stroke, dashes, width = 1.5 }: LineKeyProps) {
  return (
    <li>
      <svg width="20" height="12" viewBox="0 0 20 12" aria-hidden="true">
        <path d="M0,6H20" stroke={stroke} strokeWidth={width} strokeDasharray={dashes} />
      </svg>
      {label}
    </li>
  );
}
