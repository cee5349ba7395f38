import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { type Axis, LinePlot, MarkPlot, PinnedTooltip } from '../../../src/app/charts/Plot.tsx';
import { PlotLine } from '../../../src/app/charts/PlotLine.tsx';
import { decimalsFor, linearTicks, logTicks } from '../../../src/app/charts/ticks.ts';
import { usePixels } from '../../../src/app/charts/usePixels.ts';
import { formatBytes } from '../../../src/app/shared/format.ts';
import '../../../src/app/page/tokens.css';

const values = [0.976, 1.0004] as const;
const ticks = linearTicks(values);
const sizes = [9e5, 1e8] as const;
const x: Axis = { title: 'Bytes', scale: 'log', domain: sizes, ticks: logTicks(sizes), format: formatBytes };
const y: Axis = { title: 'AUC', scale: 'linear', domain: values, ticks, format: decimalsFor(ticks) };
const longLabels: Axis = { ...y, format: (tick) => tick.toFixed(4) };
const size = { width: 400, height: 240 };
const points = [
  { x: 1e6, y: 0.98 },
  { x: 1e7, y: 1 },
];
const stops = [1e6, 1e7];
const nothing = () => null;
const tellSize = (at: number) => <p data-testid="told">{at.toPrecision(2)}</p>;

const boxOf = (element: Element): DOMRect => element.getBoundingClientRect();
const told = (): string | undefined => document.querySelector('[data-testid=told]')?.textContent;

for (const width of [150, 320, 700])
  for (const height of [160, 240])
    test(`labels neither overlap nor leave a plot of ${width} × ${height} pixels`, async () => {
      for (const vertical of [y, longLabels]) {
        const { container, unmount } = await render(
          <LinePlot size={{ width, height }} x={x} y={vertical} stops={[]} tell={nothing}>
            <PlotLine points={points} stroke="black" />
          </LinePlot>,
        );
        await expect.poll(() => container.querySelectorAll('text').length).toBeGreaterThanOrEqual(4);
        const plot = boxOf(container.querySelector('svg')!);
        const boxes = [...container.querySelectorAll('text')].map(boxOf);
        for (const box of boxes) {
          expect(box.left).toBeGreaterThanOrEqual(plot.left - 0.5);
          expect(box.right).toBeLessThanOrEqual(plot.right + 0.5);
          expect(box.top).toBeGreaterThanOrEqual(plot.top - 0.5);
          expect(box.bottom).toBeLessThanOrEqual(plot.bottom + 0.5);
          expect(boxes.filter((other) => other !== box && overlap(box, other))).toEqual([]);
        }
        await unmount();
      }
    });

function Marks() {
  const pixels = usePixels();
  return (
    pixels && (
      <>
        <circle data-testid="inside" cx={pixels.x(1e7)} cy={pixels.y(1)} r={1} />
        <circle data-testid="outside" cx={pixels.x(1)} cy={pixels.y(-5)} r={1} />
      </>
    )
  );
}

test('marks stand where the scales say, and off a scale at its end', async () => {
  const { container } = await render(
    <MarkPlot size={size} x={x} y={y}>
      <PlotLine points={points} stroke="black" isStepped />
      <Marks />
    </MarkPlot>,
  );
  const find = (selector: string) => container.querySelector(selector);
  await expect.poll(() => find('.recharts-curve')?.getAttribute('d')).toMatch(/^M/);
  const line = find('.recharts-curve')!.getAttribute('d')!;
  const [endX, endY] = line.split('L').at(-1)!.split(',').map(Number);
  const inside = find('[data-testid=inside]')!;
  expect(Number(inside.getAttribute('cx'))).toBeCloseTo(endX, 1);
  expect(Number(inside.getAttribute('cy'))).toBeCloseTo(endY, 1);
  const axis = find('.recharts-xAxis line')!;
  const outside = find('[data-testid=outside]')!;
  expect(outside.getAttribute('cx')).toBe(axis.getAttribute('x1'));
  expect(outside.getAttribute('cy')).toBe(axis.getAttribute('y1'));
});

for (const [place, at] of [
  ['left', 2e6],
  ['right', 9e7],
] as const)
  for (const value of [0.976, 0.99, 1.0004])
    test(`a tooltip pinned on the ${place} at ${value} is beside its point and inside the plot`, async () => {
      const { container } = await render(
        <MarkPlot size={size} x={x} y={y}>
          <PinnedTooltip x={at} y={value}>
            <p style={{ width: 120, height: 60, margin: 0 }} data-testid="told" />
          </PinnedTooltip>
        </MarkPlot>,
      );
      await expect.poll(() => container.querySelector('[data-testid=told]')).toBeTruthy();
      const box = boxOf(container.querySelector('[data-testid=told]')!);
      const plot = boxOf(container.querySelector('svg')!);
      expect(getComputedStyle(container.querySelector('[data-testid=told]')!).visibility).toBe('visible');
      expect(box.left).toBeGreaterThanOrEqual(plot.left);
      expect(box.right).toBeLessThanOrEqual(plot.right);
      expect(box.top).toBeGreaterThanOrEqual(plot.top);
      expect(box.bottom).toBeLessThanOrEqual(plot.bottom);
    });

test('a line tells of the point nearest to the pointer, and goes on doing so while points come', async () => {
  const { container, rerender } = await render(
    <LinePlot size={size} x={x} y={y} stops={stops} tell={tellSize}>
      <PlotLine points={points} stroke="black" />
    </LinePlot>,
  );
  await expect.poll(() => container.querySelector('.recharts-curve')).toBeTruthy();
  await userEvent.hover(container.querySelector('svg')!, { position: { x: 200, y: 60 } });
  await expect.poll(told).toBe('1.0e+7');
  await rerender(
    <LinePlot size={size} x={x} y={y} stops={stops} tell={tellSize}>
      <PlotLine points={[{ x: 2e6, y: 0.99 }, ...points]} stroke="black" />
    </LinePlot>,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(told()).toBe('1.0e+7');
});

test('a hovered line is not drawn anew', async () => {
  const { container } = await render(
    <LinePlot size={size} x={x} y={y} stops={stops} tell={tellSize}>
      <PlotLine points={points} stroke="black" />
    </LinePlot>,
  );
  await expect.poll(() => container.querySelector('.recharts-curve')).toBeTruthy();
  const redrawn: string[] = [];
  const observer = new MutationObserver((records) => {
    for (const { target, attributeName } of records)
      redrawn.push(`${(target as Element).outerHTML} ${attributeName}`);
  });
  for (const part of container.querySelectorAll(
    '.recharts-curve:not(.recharts-tooltip-cursor), .recharts-cartesian-axis, .recharts-cartesian-grid',
  ))
    observer.observe(part, { subtree: true, childList: true, attributes: true });
  await new Promise((resolve) => setTimeout(resolve, 200));
  observer.takeRecords();
  for (const left of [120, 180, 320]) {
    await userEvent.hover(container.querySelector('svg')!, { position: { x: left, y: 60 } });
    await expect.poll(told).toBeDefined();
  }
  observer.disconnect();
  expect(redrawn).toEqual([]);
});

function overlap(a: DOMRect, b: DOMRect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
