import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findInFlight,
  isSizeBefore,
  noRuns,
  phaseOf,
  reduceRun,
  type RunEvent,
  type RunLife,
  runThatWouldResize,
} from '../../../src/app/runs/runLife.ts';
import type { QueuePlace, RequestedRun } from '../../../src/app/runs/requestedRun.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { emptyCurve } from '../../../src/app/loss/curve.ts';
import { makeResult, makeRun, resizedEvent, startedEvent } from './fakeSession.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';

const line = { steps: [1], values: [0.7] };
const curves = { trainLoss: line, validationLoss: emptyCurve };
const at = (alpha: number): Settings => ({ ...defaultSettings, alpha });
const failure = { name: 'TrainingError', message: 'No.', remedy: 'Do.' };
const place: QueuePlace = { order: 1, comparison: 'c', datasetName: 'tiny', sample: null };

const request = (id: string, changes: Partial<RequestedRun> = {}): RequestedRun => ({
  id,
  name: `Run ${id}`,
  settings: at(0.3),
  datasetKey: 'tiny',
  queued: null,
  ...changes,
});

const ask = (id: string, changes: Partial<RequestedRun> = {}): RunEvent => ({
  type: 'asked-for',
  run: request(id, changes),
  curves,
});
const hear = (runId: string, event: TrainingEvent): RunEvent => ({ type: 'engine', runId, event, at: 5 });
const start = (runId: string): RunEvent => hear(runId, startedEvent(at(0.3), 1000));
const finish = (runId: string): RunEvent => hear(runId, { kind: 'finished', result: makeResult() });
const fail = (runId: string): RunEvent => ({ type: 'failed', runId, failure });
const endEarly = (runId: string): RunEvent => ({ type: 'ended-early', runId });
const endCompression = (runId: string): RunEvent => ({ type: 'compression-ended', runId });
const pause = (isPaused: boolean): RunEvent => ({ type: 'paused', isPaused });
const askSize = (alpha: number, kind: 'resize' | 'undo' = 'resize'): RunEvent => ({
  type: 'size-asked-for',
  change: { kind, name: `α ${alpha}`, settings: at(alpha) },
});
const resize = (runId: string, parameters: number, undone = false): RunEvent =>
  hear(runId, resizedEvent(at(0.3), parameters, undone));
const refuse = (runId: string): RunEvent =>
  hear(runId, { kind: 'resize-refused', step: 3, message: 'No.', remedy: 'Do.' });

const after = (...events: readonly RunEvent[]): RunLife => events.reduce(reduceRun, noRuns);
const phaseAfter = (...events: readonly RunEvent[]) => phaseOf(after(...events));

describe('the phase of a page', () => {
  test('is idle before any run, and preparing until the engine says something of one', () => {
    expect(phaseOf(noRuns)).toBe('idle');
    expect(phaseAfter(ask('a'))).toBe('preparing');
    expect(phaseAfter(ask('a'), start('a'))).toBe('running');
  });

  test('is paused only while there is a run to pause', () => {
    expect(phaseAfter(ask('a'), start('a'), pause(true))).toBe('paused');
    expect(phaseAfter(ask('a'), start('a'), pause(true), pause(false))).toBe('running');
    expect(phaseAfter(ask('a'), start('a'), pause(true), ask('b'))).toBe('preparing');
    expect(phaseAfter(pause(true))).toBe('idle');
  });

  test('is resizing until the engine has answered every change', () => {
    const asked = [ask('a'), start('a'), askSize(0.5), askSize(0.6)];
    expect(phaseAfter(...asked)).toBe('resizing');
    expect(phaseAfter(...asked, resize('a', 500))).toBe('resizing');
    expect(phaseAfter(...asked, resize('a', 500), refuse('a'))).toBe('running');
  });

  test('says how the last run ended, and of which run', () => {
    expect(after(ask('a'), start('a'), finish('a')).lastEnd).toEqual({
      id: 'a',
      name: 'Run a',
      how: 'finished',
      reason: 'completed',
    });
    expect(after(ask('a'), fail('a')).lastEnd).toMatchObject({
      how: 'failed',
      failure,
    });
    expect(after(ask('a'), endCompression('a')).lastEnd).toMatchObject({
      how: 'finished',
      reason: 'compressed',
    });
    expect(after(ask('a'), endEarly('a'))).toMatchObject({
      current: null,
      lastEnd: { how: 'interrupted', by: 'the user' },
    });
    expect(after(ask('a'), ask('b'), endEarly('a'))).toMatchObject({ current: { id: 'b' }, replaced: [] });
    const interruptions = {
      cancelled: 'the user',
      'data-changed': 'other data',
      'engine-lost': 'loss of the engine',
    } as const;
    for (const [type, by] of Object.entries(interruptions)) {
      const life = after(ask('a'), start('a'), { type: type as keyof typeof interruptions });
      expect([phaseOf(life), life.lastEnd]).toMatchObject(['interrupted', { id: 'a', by }]);
    }
    expect(after(ask('a'), ask('b')).lastEnd).toMatchObject({ id: 'a', by: 'another run' });
  });

  test('is idle again where other data is opened after a run', () => {
    expect(phaseAfter(ask('a'), finish('a'), { type: 'data-changed' })).toBe('idle');
  });
});

describe('a run that gives way to another', () => {
  const replaced = after(ask('a'), start('a'), ask('b'));

  test('is kept with the line it has until the engine says how it ended', () => {
    expect(replaced.current?.id).toBe('b');
    expect(replaced.replaced).toEqual([{ ...request('a'), ...curves }]);
    const ended = reduceRun(replaced, finish('a'));
    expect(ended.replaced).toEqual([]);
    expect(ended.previousRun).toMatchObject({ id: 'a', createdAt: 5, trainLoss: line });
    expect(ended.current?.id).toBe('b');
  });

  test('is forgotten when the next one starts: the engine trains one at a time', () => {
    const begun = reduceRun(replaced, start('b'));
    expect(begun.replaced).toEqual([]);
    expect(reduceRun(begun, finish('a'))).toBe(begun);
  });

  test('may fail without a word about the current one', () => {
    const failed = reduceRun(replaced, fail('a'));
    expect([failed.current?.id, failed.replaced]).toEqual(['b', []]);
  });

  test('is the previous run, and the last finished one is where none was replaced', () => {
    const lastRun = makeRun('old');
    const asked = after({ type: 'asked-for', run: request('a'), curves, lastRun });
    expect(asked.previousRun).toBe(lastRun);
    expect(reduceRun(asked, { type: 'records-removed', ids: ['old'] }).previousRun).toBeNull();
    expect(reduceRun(asked, { type: 'records-removed', ids: ['other'] })).toBe(asked);
    expect(reduceRun(asked, { type: 'data-changed' }).previousRun).toBeNull();
  });
});

describe('the size of a run', () => {
  const small = [ask('a'), start('a'), askSize(0.5), resize('a', 500)];
  const asked = (life: RunLife) => life.current!.settings.alpha;
  const trained = (life: RunLife) => life.current!.sizes.at(-1)!.allocation?.parameters;

  test('is unknown until the engine says it, and then what the engine says', () => {
    expect(trained(after(ask('a')))).toBeUndefined();
    expect(trained(after(ask('a'), start('a')))).toBe(1000);
    expect(trained(after(ask('a'), start('a'), askSize(0.5)))).toBe(1000);
    expect(trained(after(...small))).toBe(500);
  });

  test('is taken back by undo, once for each size it has gone through', () => {
    const life = after(...small);
    expect(isSizeBefore(life.current!, at(0.3))).toBe(true);
    expect(isSizeBefore(life.current!, at(0.5))).toBe(false);
    const undone = after(...small, askSize(0.3, 'undo'), resize('a', 1000, true));
    expect([asked(undone), trained(undone)]).toEqual([0.3, 1000]);
    expect(isSizeBefore(undone.current!, at(0.3))).toBe(false);
  });

  test('is as it was where the engine refuses a change, whatever is asked for after it', () => {
    const life = after(...small, askSize(0.7), refuse('a'));
    expect([asked(life), life.current!.name]).toEqual([0.5, 'α 0.5']);
    const later = after(...small, askSize(0.7), askSize(0.9), refuse('a'), resize('a', 300));
    expect(asked(later)).toBe(0.9);
    expect(isSizeBefore(later.current!, at(0.5))).toBe(true);
  });

  test('of the record is the one it had, not one it was asked for at its end', () => {
    const life = after(...small, askSize(0.9), ask('b'), finish('a'));
    expect(life.previousRun).toMatchObject({ name: 'α 0.5', asked: { alpha: 0.5 } });
  });
});

describe('the run that a release of the slider would resize', () => {
  const page = (life: RunLife, keepsLearnt = true) => ({ ...life, keepsLearnt });
  const life = after(ask('a'));

  test('is the current one, if what is learnt is kept and only α or the budget differ, or nothing', () => {
    for (const settings of [at(0.3), at(0.7), { ...at(0.3), budget: 500 }])
      expect(runThatWouldResize(page(life), settings)).toBe(life.current);
    expect(runThatWouldResize(page(life, false), at(0.7))).toBeUndefined();
    expect(runThatWouldResize(page(life), { ...at(0.7), seed: 2 })).toBeUndefined();
    expect(runThatWouldResize(page(noRuns), at(0.3))).toBeUndefined();
  });

  test('is none of the queue', () => {
    expect(runThatWouldResize(page(after(ask('a', { queued: place }))), at(0.3))).toBeUndefined();
  });

  test('is asked for integer dims, as it is trained', () => {
    expect(runThatWouldResize(page(life), { ...at(0.3), rounding: 'none' })).toBe(life.current);
  });
});

describe('whatever happens, in whatever order', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const event: fc.Arbitrary<RunEvent> = fc.oneof(
    { weight: 4, arbitrary: id.map((own) => ask(own)) },
    { weight: 4, arbitrary: id.map(start) },
    { weight: 2, arbitrary: id.map(finish) },
    fc
      .tuple(fc.constantFrom(0.1, 0.5), fc.constantFrom('resize' as const, 'undo' as const))
      .map(([alpha, kind]) => askSize(alpha, kind)),
    fc.tuple(id, fc.boolean()).map(([own, undone]) => resize(own, 500, undone)),
    id.map(refuse),
    id.map(fail),
    id.map(endEarly),
    id.map(endCompression),
    fc.boolean().map(pause),
    fc
      .constantFrom('cancelled' as const, 'data-changed' as const, 'engine-lost' as const)
      .map((type) => ({ type })),
  );
  const holds = (check: (before: RunLife, event: RunEvent, after: RunLife) => void): void =>
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let life = noRuns;
        for (const one of events) {
          const next = reduceRun(life, one);
          check(life, one, next);
          life = next;
        }
      }),
    );
  const inFlight = ({ current, replaced }: RunLife): readonly string[] =>
    [...(current ? [current] : []), ...replaced].map((run) => run.id);

  test('no two runs in flight have the same id', () => {
    holds((_, __, life) => expect(new Set(inFlight(life)).size).toBe(inFlight(life).length));
  });

  test('what the engine says of a run that nobody waits for changes nothing', () => {
    holds((before, one, life) => {
      if ('runId' in one && !findInFlight(before, one.runId)) expect(life).toBe(before);
    });
  });

  test('a run ends once, and its end is in the state', () => {
    holds((before, one, life) => {
      const gone = before.current && life.current?.id !== before.current.id ? before.current.id : undefined;
      if (gone) expect(life.lastEnd?.id).toBe(gone);
      if (one.type === 'data-changed' || one.type === 'engine-lost') expect(inFlight(life)).toEqual([]);
      if (!life.current) expect(['idle', 'finished', 'failed', 'interrupted']).toContain(phaseOf(life));
      else expect(['preparing', 'running', 'paused', 'resizing']).toContain(phaseOf(life));
    });
  });

  test('sizes to go back to are of the current run, and it bears the name of the last that was asked for', () => {
    holds((before, one, { current }) => {
      if (!current) return;
      if (one.type === 'asked-for' && before.current?.id !== current.id)
        expect([current.sizes.length, current.changes]).toEqual([1, []]);
      expect(current.sizes.length).toBeGreaterThan(0);
      expect(current.settings).toBe((current.changes.at(-1) ?? current.sizes.at(-1)!).settings);
    });
  });

  test('a run that nobody took the place of is the current one until it ends', () => {
    holds((before, one, life) => {
      const ends = [
        'asked-for',
        'failed',
        'ended-early',
        'compression-ended',
        'cancelled',
        'data-changed',
        'engine-lost',
      ];
      const isEnd = ends.includes(one.type) || (one.type === 'engine' && one.event.kind === 'finished');
      if (before.current && !isEnd) expect(life.current?.id).toBe(before.current.id);
    });
  });
});
