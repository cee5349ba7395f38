import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutProducts } from '../../../src/backend/webgpu/ops/product.ts';
import { gpuTuning, softwareQuadTuning, softwareTuning } from '../../../src/backend/webgpu/tuning.ts';

const shapes = fc.record({
  left: fc.integer({ min: 1, max: 4096 }),
  right: fc.integer({ min: 1, max: 300 }),
  square: fc.boolean(),
  alike: fc.boolean(),
});

describe('the cut of many small products into tiles', () => {
  test('keeps to what every device allows, whatever the shape', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { left, right, constants } = cutProducts(gpuTuning, shape);
        const { LEFT_QUADS, RIGHT_QUADS, PRODUCTS } = constants;
        expect([LEFT_QUADS, RIGHT_QUADS]).toEqual([left, right]);
        expect(left * right * PRODUCTS).toBeLessThanOrEqual(256);
        expect(PRODUCTS).toBeLessThanOrEqual(64);
        // shaders/product_tiled.wgsl: tiles of TILE_K = 8 vec4f.
        expect(PRODUCTS * 8 * (left + 1 + right + 1) * 16).toBeLessThanOrEqual(16384);
      }),
    );
  });

  test('needs few pipelines, whatever the dims', () => {
    const cuts = new Set<string>();
    fc.assert(
      fc.property(shapes, (shape) => {
        cuts.add(JSON.stringify(cutProducts(gpuTuning, { ...shape, alike: false }).constants));
      }),
      { numRuns: 2000 },
    );
    expect(cuts.size).toBeLessThanOrEqual(36);
  });

  test('packs small products into one workgroup only where they sum over the same k', () => {
    expect(cutProducts(gpuTuning, { left: 3, right: 1, alike: true }).workgroups(100)).toBeLessThan(10);
    expect(cutProducts(gpuTuning, { left: 3, right: 1 }).workgroups(100)).toBe(100);
  });

  test('leaves products without work for a quad of threads to single threads', () => {
    expect(cutProducts(softwareQuadTuning, { left: 7, right: 10 }).product).toBe('quads');
    expect(cutProducts(softwareQuadTuning, { left: 7, right: 1 }).product).toBe('blocked');
    expect(cutProducts(softwareQuadTuning, { left: 2, right: 2 }).product).toBe('blocked');
    expect(cutProducts(softwareTuning, { left: 7, right: 10 }).product).toBe('blocked');
  });
});
