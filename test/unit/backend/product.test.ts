import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutProducts, splitNarrow } from '../../../src/backend/webgpu/ops/product.ts';
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
    expect(cutProducts(softwareQuadTuning, { left: 1, right: 5 }).product).toBe('blocked');
    expect(cutProducts(softwareQuadTuning, { left: 2, right: 2 }).product).toBe('blocked');
    expect(cutProducts(softwareTuning, { left: 7, right: 10 }).product).toBe('blocked');
  });

  test('gives a last quad of columns to the tile before it, where a quad of threads takes four', () => {
    const { columnTiles, constants } = cutProducts(softwareQuadTuning, { left: 7, right: 5 });
    expect([1, 4, 5, 6, 8, 9, 10].map(columnTiles)).toEqual([1, 1, 1, 2, 2, 2, 3]);
    expect(constants.FIFTH).toBe(1);
    const right = 4;
    expect(cutProducts(softwareQuadTuning, { left: 7, right }).constants.FIFTH).toBe(0);
    expect(cutProducts(softwareQuadTuning, { left: 7, right, widths: [4, 9] }).constants.FIFTH).toBe(1);
    expect(cutProducts(softwareQuadTuning, { left: 5, right: 5, square: true }).constants.FIFTH).toBe(0);
    expect([4, 5, 9].map(cutProducts(gpuTuning, { left: 7, right }).columnTiles)).toEqual([1, 2, 3]);
  });

  test('cuts products of one quad by themselves only where that is done otherwise', () => {
    const quads = (product: number): number => product;
    expect(splitNarrow(softwareQuadTuning, [1, 3, 1, 5], quads)).toEqual([
      [3, 5],
      [1, 1],
    ]);
    expect(splitNarrow(softwareQuadTuning, [1, 1], quads)).toEqual([[1, 1]]);
    expect(splitNarrow(gpuTuning, [1, 3, 1, 5], quads)).toEqual([[1, 3, 1, 5]]);
  });
});
