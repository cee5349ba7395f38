import styles from '../charts/charts.module.css';
import type { SeedGroup } from '../runs/seedGroups.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import { type Pixels, usePixels } from '../charts/usePixels.ts';
import { barEnds } from './accuracyData.ts';
import { methodMarks } from './methodMarks.ts';

/** Where several seeds were trained: the mean, and a bar of one standard deviation up and down. */
export function SeedSpreads({ groups }: { readonly groups: readonly SeedGroup[] }) {
  const pixels = usePixels();
  return pixels && groups.map((group) => <SeedSpread key={group.key} group={group} pixels={pixels} />);
}

interface SeedSpreadProps {
  readonly group: SeedGroup;
  readonly pixels: Pixels;
}

/** Half of the width of a bar's ends. */
const CAP = 4;

function SeedSpread({ group, pixels }: SeedSpreadProps) {
  const { runList } = useDimmer();
  const { method, ids, size, spread } = group;
  const isHovered = useApp(({ hoveredRuns }) => ids.some((id) => hoveredRuns.includes(id)));
  const isFaded = useApp(({ hoveredRuns }) => hoveredRuns.length > 1) && !isHovered;
  const { path, color } = methodMarks[method];
  const [bottom, top] = barEnds(spread).map((value) => pixels.y(value));
  return (
    <g
      transform={`translate(${pixels.x(size)},0)`}
      data-testid="seed-spread"
      data-hovered={isHovered}
      className={styles.mark}
      opacity={isFaded ? 0.2 : undefined}
      onPointerEnter={() => runList.hover(ids)}
      onPointerLeave={() => runList.hover([])}
    >
      <path
        d={`M${-CAP},${top}H${CAP}M0,${top}V${bottom}M${-CAP},${bottom}H${CAP}`}
        fill="none"
        stroke={color}
        strokeWidth={isHovered ? 2.5 : 1.5}
      />
      <g transform={`translate(0,${pixels.y(spread.mean)})`}>
        <circle r={10} fill="transparent" />
        <path d={path} fill={color} stroke="var(--ground)" strokeWidth={1} />
      </g>
    </g>
  );
}
