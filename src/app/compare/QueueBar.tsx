import { FolderOpen, Pause, Play, X } from 'lucide-react';
import { formatDuration, pluralize } from '../shared/format.ts';
import type { QueuedRun } from '../runs/requestedRun.ts';
import { useApp, useDimmer, useLive, useRunsHere } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { pickFile } from '../shared/files.ts';
import styles from './QueueBar.module.css';
import { useMemo } from 'react';
import { SearchBar } from './SearchBar.tsx';
import { countDone, estimateSeconds, waitingElsewhere, waitingHere } from './queueProgress.ts';

/** How many runs wait and for how long, with buttons to pause and cancel. Empty without runs. */
export function QueueBar() {
  const queue = useQueue();
  return (
    <>
      <SearchBar />
      {queue.here.length > 0 && <WaitingHere {...queue} />}
      {queue.elsewhere.map((runs) => (
        <WaitingElsewhere key={runs[0].datasetKey} runs={runs} />
      ))}
    </>
  );
}

function WaitingHere({ here, done, secondsLeft }: QueueState) {
  const { queue } = useDimmer();
  const isHeld = useApp((state) => state.queueHeld);
  const isMine = useApp(({ current }) => current !== null && current.queued !== null);
  const isBusy = useApp(({ current }) => current !== null);
  const total = done + here.length;
  const left =
    secondsLeft === null ? 'time unknown until a run has ended' : `about ${formatDuration(secondsLeft)} left`;
  const state = isHeld
    ? `${isMine ? 'paused' : 'waiting'} · ${left}`
    : !isMine && isBusy
      ? `starts when the run in progress ends · ${left}`
      : left;
  return (
    <section
      className={styles.bar}
      aria-label="Queue"
      data-testid="queue-bar"
      data-done={done}
      data-left={here.length}
    >
      <progress className={styles.progress} aria-label="Runs done" value={done} max={total} />
      <p className={styles.text}>
        {done} of {pluralize(total, 'run')} done <span className={controls.muted}>· {state}</span>
      </p>
      <button
        type="button"
        className={isHeld ? controls.primary : controls.button}
        onClick={() => (isHeld ? queue.resume() : queue.pause())}
      >
        {isHeld ? <Play size={16} aria-hidden="true" /> : <Pause size={16} aria-hidden="true" />}
        {isHeld ? (isMine ? 'Resume' : 'Finish the rest') : 'Pause'}
      </button>
      <button
        type="button"
        className={controls.button}
        onClick={() => queue.cancel(here.map(({ id }) => id))}
      >
        <X size={16} aria-hidden="true" /> Cancel all
      </button>
    </section>
  );
}

/** Runs on other data. The page cannot open a file again by itself, so the user is asked to choose it. */
function WaitingElsewhere({ runs }: { readonly runs: readonly QueuedRun[] }) {
  const { queue, data } = useDimmer();
  const { datasetName, sample } = runs[0].queued;

  function load(): void {
    if (sample) void data.openSample(sample);
    else pickFile((file) => void data.openFile(file));
  }

  return (
    <section className={styles.bar} aria-label={`Runs on ${datasetName}`} data-testid="queue-elsewhere">
      <p className={styles.text}>
        {pluralize(runs.length, 'run')} {runs.length === 1 ? 'waits' : 'wait'} for “{datasetName}”.{' '}
        <span className={controls.muted}>
          {sample
            ? 'They go on when it is loaded.'
            : 'Load the file again, with the same choices, to finish them.'}
        </span>
      </p>
      <button type="button" className={controls.button} onClick={load}>
        <FolderOpen size={16} aria-hidden="true" /> {sample ? `Load ${datasetName}` : 'Choose the file…'}
      </button>
      <button
        type="button"
        className={controls.button}
        onClick={() => queue.cancel(runs.map(({ id }) => id))}
      >
        <X size={16} aria-hidden="true" /> Discard
      </button>
    </section>
  );
}

interface QueueState {
  /** Runs on the open data, the one in progress first. */
  readonly here: readonly QueuedRun[];
  /** Runs on other data, one group per data set. */
  readonly elsewhere: readonly (readonly QueuedRun[])[];
  /** How many runs of the same comparisons have ended. */
  readonly done: number;
  /** Estimated from runs that have ended on this data; null until one has. */
  readonly secondsLeft: number | null;
}

function useQueue(): QueueState {
  const queue = useApp((state) => state.queue);
  const aside = useApp((state) => state.aside);
  const current = useApp((state) => state.current);
  const datasetKey = useApp((state) => state.datasetKey);
  const runs = useRunsHere();
  // Rounded to twentieths, so that the bar does not render at every step.
  const share = useLive((run) =>
    run.totalSteps > 0 ? Math.round((20 * run.step) / run.totalSteps) / 20 : 0,
  );
  const { here, elsewhere } = useMemo(() => {
    const state = { queue, aside, current, datasetKey };
    return { here: waitingHere(state), elsewhere: waitingElsewhere(state) };
  }, [queue, aside, current, datasetKey]);
  return useMemo(() => {
    const seconds = estimateSeconds(here, runs);
    const inProgress = here[0] && here[0] === current ? (estimateSeconds([here[0]], runs) ?? 0) : 0;
    const atOnce = 1 + aside.length;
    const secondsLeft = seconds === null ? null : (seconds - share * inProgress) / atOnce;
    return { here, elsewhere, done: countDone(here, runs), secondsLeft };
  }, [here, elsewhere, runs, current, aside, share]);
}
