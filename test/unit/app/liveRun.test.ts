import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLiveStore, LiveRecorder } from '../../../src/app/runs/liveRun.ts';
import { defaultSettings } from '../../../src/settings/settings.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';
import { startedEvent } from './fakeSession.ts';

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

test('how far a warm-up is shows until the run starts', () => {
  const store = createLiveStore();
  const recorder = new LiveRecorder(store);
  recorder.begin('a');
  recorder.add({ kind: 'warming-up', step: 8, totalSteps: 20, stepsPerSecond: 10 });
  recorder.flush();
  expect(store.getState().warmUp).toEqual({ step: 8, totalSteps: 20 });
  recorder.add(startedEvent(defaultSettings, 1000));
  recorder.flush();
  expect(store.getState().warmUp).toBeNull();
});
