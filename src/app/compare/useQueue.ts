import { useMemo } from 'react';
import type { QueuedRun } from '../runs/requestedRun.ts';
import { countDone, estimateSeconds, waitingElsewhere, waitingHere } from './queueProgress.ts';
import { useApp, useLive } from '../useDimmer.ts';
import { useRunsHere } from '../runs/useRuns.ts';

export interface QueueState {
  /** On the data that is open, the one in progress first. */
  readonly here: readonly QueuedRun[];
  /** On other data, by data. */
  readonly elsewhere: readonly (readonly QueuedRun[])[];
  /** Runs of the same comparisons that have ended. */
  readonly done: number;
  /** null until a run has ended on this data. */
  readonly secondsLeft: number | null;
}

export function useQueue(): QueueState {
  const queue = useApp((state) => state.queue);
  const current = useApp((state) => state.current);
  const datasetKey = useApp((state) => state.datasetKey);
  const runs = useRunsHere();
  // In twentieths: the bar is not drawn anew for every step.
  const share = useLive((run) =>
    run.totalSteps > 0 ? Math.round((20 * run.step) / run.totalSteps) / 20 : 0,
  );
  const { here, elsewhere } = useMemo(() => {
    const state = { queue, current, datasetKey };
    return { here: waitingHere(state), elsewhere: waitingElsewhere(state) };
  }, [queue, current, datasetKey]);
  return useMemo(() => {
    const seconds = estimateSeconds(here, runs);
    const inProgress = here[0] && here[0] === current ? (estimateSeconds([here[0]], runs) ?? 0) : 0;
    const secondsLeft = seconds === null ? null : seconds - share * inProgress;
    return { here, elsewhere, done: countDone(here, runs), secondsLeft };
  }, [here, elsewhere, runs, current, share]);
}
