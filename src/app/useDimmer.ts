import { createContext, useContext, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { Dimmer } from './dimmer.ts';
import type { AppState } from './appState.ts';
import type { LiveRun } from './runs/liveRun.ts';
import { type Metric, metricFor } from './accuracy/metrics.ts';
import type { RunRecord } from './runs/runRecord.ts';

export const DimmerContext = createContext<Dimmer | null>(null);

export function useDimmer(): Dimmer {
  const dimmer = useContext(DimmerContext);
  if (!dimmer) throw new Error('DimmerContext is missing above this component.');
  return dimmer;
}

/** Selectors must return primitives or objects of the store: a new object at every call renders without end. */
export function useApp<T>(select: (state: AppState) => T): T {
  return useStore(useDimmer().store, select);
}

export function useLive<T>(select: (run: LiveRun) => T): T {
  return useStore(useDimmer().live, select);
}

/** Finished runs on the current data set: only those are comparable. */
export function useRunsHere(): readonly RunRecord[] {
  const runs = useApp((state) => state.runs);
  const key = useApp((state) => state.datasetKey);
  return useMemo(() => runs.filter((run) => run.datasetKey === key), [runs, key]);
}

export function useMetric(): Metric {
  return useApp((state) => metricFor(state.dataset?.task ?? 'click', state.metric));
}

/**
 * Charts wait until there is something to draw, or nothing to wait for: loading and drawing them takes a core from what the first
 * run waits for. Once true, it stays.
 */
export function useChartsDue(): boolean {
  const [isDue, setIsDue] = useState(false);
  const trains = useLive((run) => run.step > 0 || run.warmUp !== null);
  const isSettled = useApp(
    ({ loading, dataset, current, runs }) =>
      runs.length > 0 || (!loading && dataset !== null && current === null),
  );
  if (!isDue && (trains || isSettled)) setIsDue(true);
  return isDue;
}
