import type { ReactElement } from 'react';
import { useApp, useDimmer } from '../useDimmer.ts';
import { describeReason, isConclusive, isTrained } from '../store/runRecord.ts';
import type { RunPoint } from './accuracyScene.ts';
import styles from './charts.module.css';
import { methodMarks } from './methodMarks.ts';

interface MarkProps {
  readonly cx?: number;
  readonly cy?: number;
  readonly payload?: RunPoint;
}

/** A finished run. Hollow: interrupted or diverged. Small: one of several seeds. Grey ring: the run before this one. Pierced: compressed after training. */
export function RunMark({ cx, cy, payload }: MarkProps): ReactElement | null {
  if (cx === undefined || cy === undefined || !payload) return null;
  return <Mark x={cx} y={cy} point={payload} />;
}

function Mark({ x, y, point }: { readonly x: number; readonly y: number; readonly point: RunPoint }) {
  const { runList } = useDimmer();
  const isHovered = useApp((state) => state.hoveredRuns.includes(point.id));
  const isFaded = useApp(({ hoveredRuns }) => hoveredRuns.length > 1) && !isHovered;
  const { run, isGhost, isSeed } = point;
  const { path, color } = methodMarks[run.result.settings.method];
  const filled = isConclusive(run);
  return (
    <g
      transform={`translate(${x},${y})`}
      data-testid="run-point"
      data-run={run.id}
      data-hovered={isHovered}
      className={styles.mark}
      opacity={isFaded ? 0.2 : undefined}
      onPointerEnter={() => runList.hover([run.id])}
      onPointerLeave={() => runList.hover([])}
    >
      <circle r={isSeed ? 6 : 12} fill="transparent" />
      {isGhost && <circle r={9} fill="none" stroke="var(--edge)" strokeDasharray="2 2" />}
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
