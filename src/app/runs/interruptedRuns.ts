import type { TrainingEvent } from '../../training/events/events.ts';
import type { EngineReply, Failure } from '../../worker/protocol.ts';
import type { Context } from '../context.ts';
import { decideShownDims } from '../dims/decideShownDims.ts';
import { formatCount } from '../shared/format.ts';
import { addNotice } from '../shared/notices.ts';
import { type RequestedRun, requestOf, trainable } from './requestedRun.ts';
import { areSame } from './runLife.ts';
import { readNote } from './runNote.ts';
import { deviceNames } from './runWords.ts';
import type { InterruptedRun } from './state.ts';

type ResumedEvent = Extract<TrainingEvent, { kind: 'resumed' }>;
type FoundRuns = Extract<EngineReply, { type: 'interrupted' }>['runs'];

/** Runs that closed tabs have left with a checkpoint, and runs that a lost device has interrupted. */
export interface InterruptedRuns {
  /** What the engine has found. */
  hear(found: FoundRuns): void;
  /** Resolves when it is known which there are. */
  known(): Promise<void>;
  /**
   * Goes on with the last one on the open data, or offers it, and the last one on other data. Returns whether it goes on. Data of a
   * user's own are opened again to go on with what was left. With a sample, which every visit opens, settings of a link may ask for
   * something else.
   */
  takeUp(): boolean;
  /** Says why a run is interrupted that goes on by itself: its device is lost. */
  sayWhy(run: RequestedRun, lost: Failure): void;
  /** Says from where it goes on, and on what. */
  sayWhere(run: RequestedRun, resumed: ResumedEvent): void;
}

/** `ask`: asks for a run again. The engine finds its checkpoint by its id. */
export function createInterruptedRuns(context: Context, ask: (run: RequestedRun) => void): InterruptedRuns {
  const { store, engine, runStorage, kept } = context;

  function goOn(run: InterruptedRun): void {
    const { settings } = run;
    leaveOut(run);
    store.setState((state) => ({ settings, ...decideShownDims({ ...state, settings, current: null }) }));
    ask(requestOf(run));
  }

  function leaveOut({ id }: InterruptedRun): void {
    store.setState(({ interrupted }) => ({ interrupted: interrupted!.filter((run) => run.id !== id) }));
  }

  function offer(run: InterruptedRun): void {
    const { datasetKey, keptData } = store.getState();
    const isHere = run.datasetKey === datasetKey;
    const data = keptData.find(({ file }) => file === run.datasetKey);
    addNotice(context, {
      kind: 'warning',
      title: `“${run.name}” on ${run.datasetName} was interrupted at step ${formatCount(run.step)}.`,
      remedy: isHere ? 'It can go on from there.' : `Open ${run.datasetName} again to go on from there.`,
      diagnostics: false,
      actions: [
        ...(isHere ? [{ label: 'Go on', perform: () => goOn(run) }] : []),
        ...(!isHere && data ? [{ label: 'Reopen', perform: () => kept.reopen(data) }] : []),
        {
          label: 'Discard',
          perform() {
            leaveOut(run);
            engine.post({ type: 'forget-checkpoints', runIds: [run.id] });
          },
        },
      ],
    });
  }

  /** Offers it at once, and offers to open its data when it is known that they are kept: the same notice with a button more. */
  async function offerElsewhere(run: InterruptedRun): Promise<void> {
    offer(run);
    await kept.refresh();
    const { interrupted, keptData } = store.getState();
    if (interrupted?.includes(run) && keptData.some(({ file }) => file === run.datasetKey)) offer(run);
  }

  /** Nobody can ask for a run again whose note is of another version, and that waits in no queue: it would lie there for ever. */
  async function forgetLost(found: FoundRuns): Promise<void> {
    const unnoted = found.filter(({ note }) => !readNote(note)).map(({ runId }) => runId);
    if (unnoted.length === 0) return;
    const waiting = await runStorage.waiting();
    const lost = unnoted.filter((id) => waiting.every((run) => run.id !== id));
    if (lost.length > 0) engine.post({ type: 'forget-checkpoints', runIds: lost });
  }

  return {
    sayWhy: ({ name }, { message }) =>
      void addNotice(context, {
        kind: 'warning',
        title: message,
        remedy: `“${name}” goes on by itself, from its last checkpoint.`,
        diagnostics: true,
      }),
    sayWhere: ({ name }, { step, trainedOn }) =>
      void addNotice(context, {
        kind: 'info',
        title: `“${name}” goes on from step ${formatCount(step)}, on ${deviceNames[trainedOn.at(-1)!.backend]}.`,
        remedy: '',
        diagnostics: false,
      }),
    hear(found) {
      // Runs of the queue are in it again, and go on when their turn comes.
      const interrupted = found.flatMap(({ runId, step, note }): InterruptedRun[] => {
        const read = readNote(note);
        return read ? [{ ...read, id: runId, step, queued: null }] : [];
      });
      store.setState({ interrupted: interrupted.toSorted((a, b) => (a.id < b.id ? -1 : 1)) });
      // A storage that cannot be read is told of where the queue is restored from it.
      forgetLost(found).catch(() => {});
    },
    known: () =>
      new Promise((resolve) => {
        if (store.getState().interrupted) return resolve();
        const stop = store.subscribe(({ interrupted }) => {
          if (!interrupted) return;
          stop();
          resolve();
        });
      }),
    takeUp() {
      const { interrupted, dataset, datasetKey, settings } = store.getState();
      const last = interrupted?.findLast((run) => run.datasetKey === datasetKey);
      const elsewhere = interrupted?.findLast((run) => run.datasetKey !== datasetKey);
      const goesOn =
        last !== undefined && (dataset?.format !== 'sample' || areSame(last.settings, trainable(settings)));
      if (goesOn) goOn(last);
      else if (last) offer(last);
      if (elsewhere) void offerElsewhere(elsewhere);
      return goesOn;
    },
  };
}
