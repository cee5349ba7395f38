import { type MouseEvent, useEffect, useRef } from 'react';
import type { Block } from '../../compression/allocation.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import { DIMS_INPUT_MARK } from '../sizes/settingActions.ts';
import type { Dimmer } from '../dimmer.ts';
import { useDimmer } from '../useDimmer.ts';
import { useSize } from '../shared/useSize.ts';
import { axisTopFor, fieldAt, layOutDims, popularityCurve } from './dimsLayout.ts';
import styles from './DimsChart.module.css';
import { drawBars, drawPopularity, prepareCanvas, readColors } from './drawDims.ts';

interface DimsChartProps {
  readonly dataset: DatasetSummary;
  readonly fieldOrder: 'rows' | 'file';
  readonly label: string;
  /** Called on a click on a field. */
  readonly onPick: () => void;
}

/**
 * Two canvases: popularity below, drawn once; bars above, drawn by a subscription to the store
 * in the same task as the slider's input, without React.
 */
export function DimsChart({ dataset, fieldOrder, label, onPick }: DimsChartProps) {
  const dimmer = useDimmer();
  const box = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const size = useSize(box);
  const frame = layOutDims(size, dataset.fields, fieldOrder);

  useEffect(() => {
    if (frame.width === 0 || !below.current || !above.current) return;
    return keepDrawn(dimmer, dataset, frame, below.current, above.current);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- frame follows from the others
  }, [dimmer, dataset, fieldOrder, size]);

  function hoverAt({ clientX, currentTarget }: MouseEvent<HTMLDivElement>): number | null {
    const field = fieldAt(frame, clientX - currentTarget.getBoundingClientRect().left);
    dimmer.ui.hoverField(field);
    return field;
  }

  return (
    <div
      ref={box}
      className={styles.box}
      role="img"
      aria-label={label}
      data-testid="dims-chart"
      onPointerMove={hoverAt}
      onClick={(event) => hoverAt(event) !== null && onPick()}
      onPointerLeave={() => dimmer.ui.hoverField(null)}
    >
      <canvas ref={below} className={styles.canvas} />
      <canvas ref={above} className={styles.canvas} />
    </div>
  );
}

/** Draws now and at every change of what it shows. Returns a function that stops it. */
function keepDrawn(
  { store }: Dimmer,
  dataset: DatasetSummary,
  frame: ReturnType<typeof layOutDims>,
  below: HTMLCanvasElement,
  above: HTMLCanvasElement,
): () => void {
  const curves = dataset.fields.map((field) => popularityCurve(field));
  let colors = readColors(above);
  let before: readonly Block[] | null = null;
  let axisTop = 0;

  function draw(): void {
    const { allocation, editingFrom, hoveredField } = store.getState();
    if (!allocation) return;
    const { blocks } = allocation;
    const needed = axisTopFor(allocation);
    // During a drag the axis only widens, so that the bars move and not the scale.
    axisTop = editingFrom ? Math.max(axisTop, needed) : needed;
    const comparable = before?.length === blocks.length ? before : null;
    drawBars(
      prepareCanvas(above, frame),
      frame,
      { blocks, axisTop, before: comparable, hoveredField },
      colors,
    );
  }

  function drawAll(): void {
    colors = readColors(above);
    drawPopularity(prepareCanvas(below, frame), frame, dataset.fields, curves, colors);
    draw();
  }

  drawAll();
  // The browser empties a canvas when its graphics process dies.
  const canvases = [below, above];
  for (const canvas of canvases) canvas.addEventListener('contextrestored', drawAll);
  const themes = new MutationObserver(drawAll);
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const stop = store.subscribe((state, previous) => {
    if (state.dataset !== dataset) return;
    if (state.editingFrom !== previous.editingFrom)
      before = state.editingFrom ? (previous.allocation?.blocks ?? null) : null;
    if (state.allocation !== previous.allocation) {
      draw();
      measureRedraw();
    } else if (state.hoveredField !== previous.hoveredField || state.editingFrom !== previous.editingFrom)
      draw();
  });
  return () => {
    stop();
    themes.disconnect();
    for (const canvas of canvases) canvas.removeEventListener('contextrestored', drawAll);
  };
}

/** Measures the time from the change of a setting to the bars drawn, for profilers and test/e2e. */
function measureRedraw(): void {
  if (performance.getEntriesByName(DIMS_INPUT_MARK).length === 0) return;
  performance.measure('dims-redraw', DIMS_INPUT_MARK);
  performance.clearMarks(DIMS_INPUT_MARK);
}
