import { expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { linearTicks, logTicks } from '../../../src/app/accuracy/accuracyData.ts';
import { PlotFrame } from '../../../src/app/charts/PlotFrame.tsx';
import { type Axis, decimalsFor } from '../../../src/app/charts/scales.ts';
import '../../../src/app/page/tokens.css';
import { formatBytes } from '../../../src/app/shared/format.ts';

const values = [0.976, 1.0004] as const;
const ticks = linearTicks(values);
const x: Axis = { scale: 'log', domain: [9e5, 1e8], ticks: logTicks([9e5, 1e8]), format: formatBytes };
const y: Axis = { scale: 'linear', domain: values, ticks, format: decimalsFor(ticks) };
const longLabels: Axis = { ...y, format: (tick) => `${tick.toFixed(3)} bits` };

for (const width of [90, 150, 320, 700])
  for (const height of [60, 240])
    test(`labels neither overlap nor leave a plot of ${width} × ${height} pixels`, async () => {
      for (const vertical of [y, longLabels]) {
        const { container, unmount } = await render(
          <PlotFrame size={{ width, height }} margin={{ top: 8, right: 8, bottom: 0 }} x={x} y={vertical}>
            <g />
          </PlotFrame>,
        );
        const plot = container.querySelector('svg')!.getBoundingClientRect();
        const boxes = [...container.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
        expect(boxes.length).toBeGreaterThanOrEqual(2);
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

function overlap(a: DOMRect, b: DOMRect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
