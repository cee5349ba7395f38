import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLiveStore, LiveRecorder } from '../../../src/app/runs/liveRun.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const progress = (step: number): TrainingEvent => ({
  kind: 'progress',
  step,
  totalSteps: 100,
  stepsPerSecond: 10,
  firstStep: step,
  losses: Float32Array.of(1 / step),
});

test('a run’s first step is shown at once, the next ones six times a second', () => {
  const store = createLiveStore();
  const shown: number[] = [];
  store.subscribe(({ step }) => shown.push(step));
  const recorder = new LiveRecorder(store);
  recorder.begin('a');
  recorder.add(progress(1));
  expect(shown).toEqual([0, 1]);
  for (let step = 2; step <= 60; step++) {
    vi.advanceTimersByTime(1000 / 60);
    recorder.add(progress(step));
  }
  vi.advanceTimersByTime(1000);
  expect(shown.length).toBeLessThanOrEqual(2 + 7);
  expect(shown.at(-1)).toBe(60);
  expect(store.getState().trainLoss.steps).toHaveLength(60);
});
