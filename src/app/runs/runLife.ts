import type { Settings } from '../../settings/settings.ts';
import type { Failure } from '../../worker/protocol.ts';
import { isQueued, type RequestedRun, requestOf, trainable } from './requestedRun.ts';
import { recordOfRun, type RunCurves, type RunRecord } from './runRecord.ts';
import type { AllocationSummary, EndReason, RunResult, TrainingEvent } from '../../training/events/events.ts';
import type { BlockEnergies } from '../../compression/method.ts';

/** The runs that the engine works on, and how the last one ended. Only reduceRun changes it. */
export interface RunLife {
  /** The run that the engine trains, or is about to. */
  readonly current: CurrentRun | null;
  /** Runs that another has replaced and whose end the engine has not reported yet. */
  readonly replaced: readonly ReplacedRun[];
  /** The run before the current one, drawn in grey for comparison. */
  readonly previousRun: RunRecord | null;
  /** How the last run stopped being the current one. */
  readonly lastEnd: RunEnd | null;
  /** Of the last warm-up on this data. */
  readonly measured: MeasuredSpectra | null;
}

export interface CurrentRun extends RequestedRun {
  /** The engine has sent an event of it. */
  readonly hasBegun: boolean;
  readonly isPaused: boolean;
  /** Its device is gone, and the engine opens another one. */
  readonly isRecovering: boolean;
  /** The sizes it has had; the last is its own. Undo goes back through them. Never empty. */
  readonly sizes: readonly RunSize[];
  /** Changes of size that the engine has not answered yet, oldest first. The run bears the name and settings of the last. */
  readonly changes: readonly AskedChange[];
}

export type NamedSettings = Pick<RequestedRun, 'name' | 'settings'>;
export interface AskedChange extends NamedSettings {
  readonly kind: 'resize' | 'undo';
}

/** A size of a run: as it was asked for, and what came of it. */
export interface RunSize extends NamedSettings {
  /** null: not known yet. */
  readonly allocation: AllocationSummary | null;
}

/** What a warm-up measured, and the settings of its run. */
export interface MeasuredSpectra {
  readonly settings: Settings;
  readonly spectra: readonly BlockEnergies[];
}

export type ReplacedRun = RequestedRun & RunCurves;

export type RunEnd = Pick<RequestedRun, 'id' | 'name'> & Outcome;

type Outcome =
  | { readonly how: 'finished'; readonly reason: EndReason | 'compressed' }
  | { readonly how: 'failed'; readonly failure: Failure }
  | { readonly how: 'interrupted'; readonly by: Interruption };

type Interruption = 'another run' | 'other data' | 'loss of the engine' | 'the user';

export type RunEvent =
  /** Replaces the current run, whose curves so far are kept. Without one, `lastRun` becomes the previous run. */
  | {
      readonly type: 'asked-for';
      readonly run: RequestedRun;
      readonly curves: RunCurves;
      readonly lastRun?: RunRecord | undefined;
    }
  | { readonly type: 'size-asked-for'; readonly change: AskedChange }
  /** A run that ended before is shown again. */
  | { readonly type: 'shown'; readonly run: RunRecord }
  /** `at`: milliseconds since 1970. */
  | { readonly type: 'engine'; readonly runId: string; readonly event: TrainingEvent; readonly at: number }
  | { readonly type: 'ended-early'; readonly runId: string }
  | { readonly type: 'compression-ended'; readonly runId: string }
  | { readonly type: 'failed'; readonly runId: string; readonly failure: Failure }
  | { readonly type: 'recovering'; readonly runId: string }
  | { readonly type: 'paused'; readonly isPaused: boolean }
  | { readonly type: 'cancelled' }
  | { readonly type: 'data-changed' }
  | { readonly type: 'engine-lost' }
  | { readonly type: 'records-removed'; readonly ids: readonly string[] };

export type RunPhase =
  | 'idle'
  | 'preparing'
  | 'running'
  | 'paused'
  | 'recovering'
  | 'resizing'
  | 'finished'
  | 'failed'
  | 'interrupted';

export const noRuns: RunLife = {
  current: null,
  replaced: [],
  previousRun: null,
  lastEnd: null,
  measured: null,
};

export const lifeOf = ({ current, replaced, previousRun, lastEnd, measured }: RunLife): RunLife => ({
  current,
  replaced,
  previousRun,
  lastEnd,
  measured,
});

export function phaseOf({ current, lastEnd }: Pick<RunLife, 'current' | 'lastEnd'>): RunPhase {
  if (!current) return lastEnd?.how ?? 'idle';
  if (current.isRecovering) return 'recovering';
  if (current.isPaused) return 'paused';
  if (!current.hasBegun) return 'preparing';
  return current.changes.length > 0 ? 'resizing' : 'running';
}

/** The state after an event: the same object where the event changes nothing. */
export function reduceRun(life: RunLife, event: RunEvent): RunLife {
  const { current, previousRun } = life;
  switch (event.type) {
    case 'asked-for':
      return askFor(life, event);
    case 'size-asked-for': {
      if (!current) return life;
      const { name, settings } = event.change;
      return {
        ...life,
        current: { ...current, name, settings, changes: [...current.changes, event.change] },
      };
    }
    case 'engine':
      if (current?.id === event.runId) return hear(life, current, event.event);
      return event.event.kind === 'finished'
        ? finishReplaced(life, event.runId, event.event.result, event.at)
        : life;
    case 'ended-early':
      return end(life, event.runId, { how: 'interrupted', by: 'the user' });
    case 'compression-ended':
      return end(life, event.runId, { how: 'finished', reason: 'compressed' });
    case 'failed':
      return end(life, event.runId, { how: 'failed', failure: event.failure });
    case 'shown': {
      const { id, name, result } = event.run;
      return current ? life : { ...life, lastEnd: { id, name, how: 'finished', reason: result.reason } };
    }
    case 'recovering':
      return current?.id === event.runId ? { ...life, current: { ...current, isRecovering: true } } : life;
    case 'paused':
      if (!current || current.isPaused === event.isPaused) return life;
      return { ...life, current: { ...current, isPaused: event.isPaused } };
    case 'cancelled':
      return current ? end(life, current.id, { how: 'interrupted', by: 'the user' }) : life;
    case 'data-changed':
      return { ...noRuns, lastEnd: current && interrupted(current, 'other data') };
    case 'engine-lost':
      return { ...noRuns, lastEnd: current ? interrupted(current, 'loss of the engine') : life.lastEnd };
    case 'records-removed':
      return previousRun && event.ids.includes(previousRun.id) ? { ...life, previousRun: null } : life;
  }
}

/** The run with this id, if the engine may still report on it. */
export function findInFlight({ current, replaced }: RunLife, id: string): RequestedRun | undefined {
  return current?.id === id ? current : replaced.find((run) => run.id === id);
}

/** The current run under the name and settings of the size it has, without unanswered changes. */
export function asTrained(current: CurrentRun): CurrentRun {
  const { name, settings } = current.sizes.at(-1)!;
  return { ...current, name, settings };
}

/**
 * The current run, if these are its settings, or letting go of the slider at them changes its size instead of starting
 * another: it is not one of the queue, and they differ from its own in α and budget alone.
 */
export function runThatWouldResize(
  { current, keepsLearnt }: Pick<RunLife, 'current'> & { readonly keepsLearnt: boolean },
  settings: Settings,
): CurrentRun | undefined {
  if (!current || isQueued(current)) return undefined;
  const own = trainable(settings);
  if (areSame(current.settings, own)) return current;
  const goesOn = keepsLearnt && differInSizeAlone(current.settings, own);
  return goesOn ? current : undefined;
}

/** The spectra that a warm-up with these settings would measure: α and budget matter little to it. */
export function spectraFor(
  { measured }: Pick<RunLife, 'measured'>,
  settings: Settings,
): readonly BlockEnergies[] | undefined {
  return measured && differInSizeAlone(measured.settings, settings) ? measured.spectra : undefined;
}

function differInSizeAlone(a: Settings, b: Settings): boolean {
  return differences(a, b).every((name) => name === 'alpha' || name === 'budget');
}

/** Whether undo of the last change of size leads to these settings. */
export function isSizeBefore({ sizes, changes }: CurrentRun, settings: Settings): boolean {
  const asked: NamedSettings[] = [...sizes];
  for (const change of changes) {
    if (change.kind === 'undo') asked.pop();
    else asked.push(change);
  }
  const before = asked.at(-2);
  return before !== undefined && areSame(before.settings, settings);
}

export const areSame = (a: Settings, b: Settings): boolean => differences(a, b).length === 0;

function differences(a: Settings, b: Settings): readonly (keyof Settings)[] {
  return (Object.keys(a) as (keyof Settings)[]).filter((name) => a[name] !== b[name]);
}

function askFor(life: RunLife, event: Extract<RunEvent, { type: 'asked-for' }>): RunLife {
  const { current, replaced, previousRun } = life;
  const { run, lastRun } = event;
  const { trainLoss, validationLoss } = event.curves;
  if (findInFlight(life, run.id)) return life;
  const { name, settings } = run;
  const begun = {
    hasBegun: false,
    isPaused: false,
    isRecovering: false,
    sizes: [{ name, settings, allocation: null }],
    changes: [],
  };
  const next = { ...life, current: { ...run, ...begun } };
  if (!current) return { ...next, previousRun: lastRun ?? previousRun };
  const left = { ...requestOf(asTrained(current)), trainLoss, validationLoss };
  return { ...next, replaced: [...replaced, left], lastEnd: interrupted(current, 'another run') };
}

/** Applies an event of the current run. */
function hear(life: RunLife, current: CurrentRun, event: TrainingEvent): RunLife {
  const { sizes, changes } = current;
  switch (event.kind) {
    case 'started':
      // The engine trains one run at a time, so it has nothing more to report on those before.
      return {
        ...life,
        replaced: [],
        measured: event.spectra
          ? { settings: current.sizes[0].settings, spectra: event.spectra }
          : life.measured,
        current: {
          ...current,
          hasBegun: true,
          isRecovering: false,
          // A run that goes on from a checkpoint has the size that it had there.
          sizes: [...sizes.slice(0, -1), { ...sizes.at(-1)!, allocation: event.allocation }],
        },
      };
    case 'resized': {
      const [made, ...left] = changes;
      const { allocation } = event;
      const grown = made ? [...sizes, { name: made.name, settings: made.settings, allocation }] : sizes;
      const kept = event.undone && sizes.length > 1 ? sizes.slice(0, -1) : grown;
      return {
        ...life,
        current: {
          ...withSizes(current, kept, left),
          hasBegun: true,
        },
      };
    }
    case 'resize-refused':
      return { ...life, current: { ...withSizes(current, sizes, changes.slice(1)), hasBegun: true } };
    case 'finished':
      return end(life, current.id, { how: 'finished', reason: event.result.reason });
    default:
      return current.hasBegun ? life : { ...life, current: { ...current, hasBegun: true } };
  }
}

/** The current run with these sizes and changes, under the name and settings of the last of them. */
function withSizes(
  current: CurrentRun,
  sizes: CurrentRun['sizes'],
  changes: CurrentRun['changes'],
): CurrentRun {
  const { name, settings } = changes.at(-1) ?? sizes.at(-1)!;
  return { ...current, name, settings, sizes, changes };
}

function finishReplaced(life: RunLife, id: string, result: RunResult, at: number): RunLife {
  const run = life.replaced.find((other) => other.id === id);
  if (!run) return life;
  const replaced = life.replaced.filter((other) => other !== run);
  return { ...life, replaced, previousRun: recordOfRun(run, result, run, at) };
}

const interrupted = ({ id, name }: CurrentRun, by: Interruption): RunEnd => ({
  id,
  name,
  how: 'interrupted',
  by,
});

/** Removes a run that has ended, and records the end if it was the current one. */
function end(life: RunLife, id: string, outcome: Outcome): RunLife {
  const { current, replaced } = life;
  if (current?.id === id) return { ...life, current: null, lastEnd: { id, name: current.name, ...outcome } };
  return findInFlight(life, id) ? { ...life, replaced: replaced.filter((run) => run.id !== id) } : life;
}
