import { useMemo } from 'react';
import { metricFor, type Metric } from '../accuracy/metrics.ts';
import type { RunRecord } from './runRecord.ts';
import { useApp } from '../useDimmer.ts';

/** Finished runs on the current data set: only those are comparable. */
export function useRunsHere(): readonly RunRecord[] {
  const runs = useApp((state) => state.runs);
  const key = useApp((state) => state.datasetKey);
  return useMemo(() => runs.filter((run) => run.datasetKey === key), [runs, key]);
}

export function useMetric(): Metric {
  return useApp((state) => metricFor(state.dataset?.task ?? 'click', state.metric));
}
