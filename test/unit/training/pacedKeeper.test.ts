import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Checkpoint } from '../../../src/training/checkpoint/checkpoint.ts';
import { PacedKeeper } from '../../../src/training/checkpoint/pacedKeeper.ts';

const checkpointOf = (step: number): Checkpoint => ({ position: { step } }) as Checkpoint;
const checkpoint = checkpointOf(1);

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A keeper whose writes take `writeMs`. */
function keeperOf(
  everyMs: number,
  writeMs: number,
  end?: AbortSignal,
): { keeper: PacedKeeper; written: () => number } {
  let written = 0;
  const keeper = new PacedKeeper(
    everyMs,
    async () => {
      await new Promise((resolve) => void setTimeout(resolve, writeMs));
      written++;
    },
    end,
  );
  return { keeper, written: () => written };
}

test('one is due every so often, and none while one is being written', async () => {
  const { keeper, written } = keeperOf(1000, 10);
  expect(keeper.isDue(2)).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(keeper.isDue(2)).toBe(true);
  keeper.keep(checkpoint, 5);
  expect(keeper.isDue(2)).toBe(false);
  await vi.advanceTimersByTimeAsync(10);
  await keeper.settled();
  expect(written()).toBe(1);
  expect(keeper.isDue(2)).toBe(false);
  await vi.advanceTimersByTimeAsync(999);
  expect(keeper.isDue(2)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(keeper.isDue(2)).toBe(true);
});

test('copying and writing take at most a fiftieth of the time', async () => {
  const { keeper } = keeperOf(1000, 400);
  await vi.advanceTimersByTimeAsync(1000);
  keeper.keep(checkpoint, 200);
  await vi.advanceTimersByTimeAsync(400);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(keeper.isDue(2)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(keeper.isDue(2)).toBe(true);
});

test('one that is asked for while another is written comes after it', async () => {
  const { keeper, written } = keeperOf(1000, 10);
  keeper.keep(checkpoint, 0);
  keeper.keep(checkpoint, 0);
  await vi.advanceTimersByTimeAsync(15);
  expect(written()).toBe(1);
  await vi.advanceTimersByTimeAsync(5);
  await keeper.settled();
  expect(written()).toBe(2);
});

test('when the run is asked to end, its last step is kept at once, and not twice', async () => {
  const end = new AbortController();
  const { keeper, written } = keeperOf(1000, 10, end.signal);
  keeper.keep(checkpointOf(1), 0);
  expect(keeper.isDue(2)).toBe(false);
  end.abort();
  expect([keeper.isDue(1), keeper.isDue(2)]).toEqual([false, true]);
  keeper.keep(checkpointOf(2), 0);
  expect(keeper.isDue(2)).toBe(false);
  await vi.advanceTimersByTimeAsync(20);
  await keeper.settled();
  expect(written()).toBe(2);
});
