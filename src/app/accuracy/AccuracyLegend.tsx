import type { MethodId } from '../../settings/settings.ts';
import { isTrained } from '../runs/runRecord.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import type { AccuracyData } from './accuracyData.ts';
import styles from '../charts/charts.module.css';
import { LineKey } from '../charts/LineKey.tsx';
import { methodMarks } from './methodMarks.ts';

/** Only what is on the chart. */
export function AccuracyLegend({ data }: { readonly data: AccuracyData }) {
  const isTraining = useApp((state) => state.current !== null);
  return (
    <ul className={styles.legend} aria-label="Legend">
      {methodsOn(data).map((method) => (
        <li key={method}>
          <MethodEntry method={method} data={data} />
        </li>
      ))}
      {data.groups.length > 0 && (
        <li>
          <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
            <path d="M-4,-5H4M0,-5V5M-4,5H4" fill="none" stroke="var(--muted)" strokeWidth="1.5" />
          </svg>
          Mean ± deviation over seeds
        </li>
      )}
      {data.points.some(({ run }) => !isTrained(run)) && (
        <li>
          <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
            <circle r="3.5" fill="none" stroke="var(--muted)" strokeWidth="3" />
          </svg>
          Compressed after training
        </li>
      )}
      {data.front.length > 0 && <LineKey label="Pareto front" stroke="var(--text)" />}
      {data.uniform.length > 0 && (
        <LineKey label="Uniform reference" stroke={methodMarks.uniform.color} dashes="6 4" />
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

/** In the order of the registry. */
export function methodsOn({ points }: AccuracyData): readonly MethodId[] {
  const used = new Set(points.map(({ run }) => run.result.settings.method));
  return (Object.keys(methodMarks) as MethodId[]).filter((method) => used.has(method));
}

interface MethodEntryProps {
  readonly method: MethodId;
  readonly data: AccuracyData;
}

/** Under the pointer or the focus its runs light up; it does when one of them is. */
function MethodEntry({ method, data }: MethodEntryProps) {
  const { runList } = useDimmer();
  const { path, color, label } = methodMarks[method];
  const ids = data.points.filter(({ run }) => run.result.settings.method === method).map(({ id }) => id);
  const isHovered = useApp(({ hoveredRuns }) => ids.some((id) => hoveredRuns.includes(id)));
  const light = (): void => runList.hover(ids);
  const darken = (): void => runList.hover([]);
  return (
    <button
      type="button"
      className={styles.entry}
      data-hovered={isHovered}
      title={`Shows the runs of ${label}`}
      onPointerEnter={light}
      onPointerLeave={darken}
      onFocus={light}
      onBlur={darken}
    >
      <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
        <path d={path} fill={color} />
      </svg>
      {label}
    </button>
  );
}
