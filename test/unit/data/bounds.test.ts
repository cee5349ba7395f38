import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { criteoLine, lines } from './sources.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** `header` and then `block` `times` over, made while it is read. */
function longSource(header: string, block: (i: number) => string, times: number) {
  const encoder = new TextEncoder();
  const size = encoder.encode(block(0)).length * times;
  let next = -1;
  return {
    name: 'long.csv',
    size,
    stream: () => {
      next = -1;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (next === times) controller.close();
          else controller.enqueue(encoder.encode(next < 0 ? header : block(next)));
          next++;
        },
      });
    },
  };
}

describe('a long file', () => {
  test('leaves in memory what is kept, not what is read', async () => {
    const filler = 'z'.repeat(900);
    const blocks = 400;
    // 40 MB; every block brings one new value, long enough for an engine to keep it as a slice of the block.
    const source = longSource(
      'click,a,b,filler\n',
      (block) => lines(100, (i) => `${i % 2},value-${String(block).padStart(20, '0')},x${i % 3},${filler}`),
      blocks,
    );
    const roles = ['label', 'category', 'category', 'ignore'] as const;
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    let after = 0;
    const dataset = await load(source, { ...defaultLoadOptions, roles }, ({ rows }) => {
      if (rows < 100 * blocks) return;
      collectGarbage();
      after = process.memoryUsage().heapUsed;
    });
    expect(dataset.report.bytesRead).toBeGreaterThan(35e6);
    expect(dataset.fields[0].cardinality).toBe(blocks + 1);
    expect(after - before).toBeLessThan(10e6);
  });

  test('is read faster than a slow disk gives it, also on a busy machine', async () => {
    const block = lines(2000, criteoLine);
    const source = longSource('', () => block, 20);
    const dataset = await load(source, { ...defaultLoadOptions, maxExamples: 10_000 });
    expect(dataset.report).toMatchObject({ linesRead: 40_000, sampled: true });
    expect(dataset.report.bytesRead / dataset.report.elapsedMs).toBeGreaterThan(1000); // bytes per ms: 1 MB/s
  });
});
