import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspect } from '../../../src/data/load.ts';
import { loadText, sourceOf } from './sources.ts';

describe('lines that do not fit', () => {
  test('are counted in the preview as loading leaves them out, by reason and first line', async () => {
    const good = (i: number) => `u${i % 7},i${i % 11},${i % 2}`;
    const bad = fc.constantFrom(
      'u1,i2',
      'u1,i2,0,9',
      'u1',
      '"u1,i2,1',
      'u"1"x,"i"y,1',
      '',

      'user,item,click',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(199), bad), { maxLength: 6 }), async (inserted) => {
        const lines = Array.from({ length: 200 }, (_, i) => [good(i)]);
        for (const [at, line] of inserted) lines[at].push(line);
        // An open quote would swallow what follows up to the next one.
        const text = `user,item,click\n${lines.flat().join('\n')}\n`.replaceAll('"u1,i2,1', '"u1"i2,1,1');
        const [{ profiled }, { examples, report }] = [await inspect(sourceOf(text)), await loadText(text)];
        expect(profiled!.unfit).toEqual(report.skipped);
        expect(profiled!.rows).toBe(report.linesRead);
        const unfit = profiled!.unfit.reduce((sum, { count }) => sum + count, 0);
        expect(profiled!.rows).toBe(examples + unfit);
      }),
      { numRuns: 40 },
    );
  });
});
