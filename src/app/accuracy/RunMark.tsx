import { useApp, useDimmer } from '../useDimmer.ts';
import { isConclusive, isTrained } from '../runs/runRecord.ts';
import { describeReason } from '../runs/runWords.ts';
import type { AccuracyData, RunPoint } from './accuracyData.ts';
import styles from '../charts/charts.module.css';
import { usePixels } from '../charts/usePixels.ts';
import { methodMarks } from './methodMarks.ts';

/** Every finished run on the scale; one that broke off far from the others is in the table alone. */
export function RunMarks({ data }: { readonly data: AccuracyData }) {
  const pixels = usePixels();
  if (!pixels) return null;
  const [low, high] = data.y;
  const points = data.points.filter(({ value }) => low <= value && value <= high);
  return (
    <g>
      {points.map((point) => (
        <RunMark key={point.id} x={pixels.x(point.size)} y={pixels.y(point.value)} point={point} />
      ))}
    </g>
  );
}

interface RunMarkProps {
  readonly x: number;
  readonly y: number;
  readonly point: RunPoint;
}

/** A finished run. Hollow: interrupted or diverged. Small: one of several seeds. Grey ring: the run before this one. Pierced: compressed after training. */
function RunMark({ x, y, point }: RunMarkProps) {
  const { runList, inspect } = useDimmer();
  const isHovered = useApp((state) => state.hoveredRuns.includes(point.id));
  const isFaded = useApp(({ hoveredRuns }) => hoveredRuns.length > 1) && !isHovered;
  const { run, isPrevious, isSeed } = point;
  const { path, color } = methodMarks[run.result.settings.method];
  const filled = isConclusive(run);
  return (
    <g
      transform={`translate(${x},${y})`}
      data-testid="run-point"
      data-run={run.id}
      data-hovered={isHovered}
      className={styles.openable}
      opacity={isFaded ? 0.2 : undefined}
      onPointerEnter={() => runList.hover([run.id])}
      onPointerLeave={() => runList.hover([])}
      onClick={() => inspect.open(run.id)}
    >
      <circle r={isSeed ? 6 : 12} fill="transparent" />
      {isPrevious && <circle r={9} fill="none" stroke="var(--edge)" strokeDasharray="2 2" />}
      {isHovered && <circle r={9} fill="none" stroke="var(--text)" strokeWidth={1.5} />}
      <path
        d={path}
        transform={isSeed ? 'scale(0.6)' : undefined}
        fill={filled ? color : 'var(--ground)'}
        stroke={filled ? 'var(--ground)' : color}
        strokeWidth={filled ? 1 : 1.5}
      />
      {!isTrained(run) && (
        <circle r={1.75} fill="var(--ground)">
          <title>{describeReason(run)}</title>
        </circle>
      )}
    </g>
  );
}
