import { expect, test } from 'vitest';
import {
  axisTopFor,
  dimHeight,
  fieldAt,
  layOutBars,
  layOutDims,
  popularityCurve,
} from '../../../src/app/dims/dimsLayout.ts';
import { allocate } from '../../../src/compression/allocate.ts';
import { tinyDataset } from './fakeSession.ts';

const { fields } = tinyDataset();
const frame = layOutDims({ width: 700, height: 320 }, fields, 'rows');
const allocation = (blocks: number) =>
  allocate(fields, {
    method: 'mixed-dimension',
    alpha: 0.4,
    blocks,
    popularity: 'empirical',
    rounding: 'integer',
    maxDim: 64,
    budget: 600,
  });

test('bars of a field fill its band, in order and without overlap', () => {
  const { blocks } = allocation(8);
  const bars = layOutBars(frame, blocks, 64);
  expect(bars).toHaveLength(blocks.length);
  bars.forEach((bar, i) => {
    const { field } = blocks[i];
    const start = frame.left + frame.bandOf[field] * frame.bandWidth;
    expect(bar.x).toBeGreaterThanOrEqual(start - 1e-6);
    expect(bar.x + bar.width).toBeLessThanOrEqual(start + frame.bandWidth + 1e-6);
    if (i > 0 && blocks[i - 1].field === field)
      expect(bar.x).toBeGreaterThanOrEqual(bars[i - 1].x + bars[i - 1].width - 1e-6);
  });
});

test('a larger dim is a higher bar, and none leaves the chart', () => {
  const { blocks, baseDim } = allocation(1);
  const top = axisTopFor(allocation(1));
  expect(top).toBeGreaterThanOrEqual(baseDim);
  const [small, large] = layOutBars(frame, blocks, top);
  expect(blocks[0].dim).toBeGreaterThan(blocks[1].dim);
  expect(small.height).toBeGreaterThan(large.height);
  expect(dimHeight(frame, top, top)).toBe(frame.baseline - frame.top);
  expect(dimHeight(frame, 0.01, top)).toBe(0);
});

test('the field under the pointer is the one drawn there', () => {
  for (const [field] of fields.entries()) {
    const x = frame.left + (frame.bandOf[field] + 0.5) * frame.bandWidth;
    expect(fieldAt(frame, x)).toBe(field);
  }
  expect(fieldAt(frame, frame.left - 1)).toBeNull();
});

test('popularity is read at quantiles of the lookups and never increases', () => {
  const curve = popularityCurve({ counts: Uint32Array.of(50, 30, 14, 6) }, 10);
  expect([...curve]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.14, 0.06]);
  expect([...popularityCurve({ counts: Uint32Array.of(0, 0) }, 3)]).toEqual([0, 0, 0]);
});
