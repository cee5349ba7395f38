import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeEngine, type FakeSession, openSession, tinyDataset } from './fakeSession.ts';

const backend = { kind: 'cpu', adapter: 'CPU', fallback: null } as const;
const methods = ['uniform', 'mixed-dimension'] as const;

let session: FakeSession;
/** Those that are open, in the order in which they were opened. */
let sides: FakeEngine[];
const state = () => session.dimmer.store.getState();
const queue = () => session.dimmer.queue;

async function open(cores: number): Promise<void> {
  sides = [];
  const source = {
    cores,
    open() {
      const side = new FakeEngine();
      sides.push(side);
      return {
        ...side.channel,
        close() {
          sides = sides.filter((other) => other !== side);
        },
      };
    },
  };
  session = await openSession({}, undefined, undefined, [], source);
  session.engine.reply({ type: 'backend', status: backend });
  finishCurrent();
  queue().choose({ methods, budgets: '1/4, 1/2', seeds: 2 });
}

function finishCurrent(): void {
  const { id } = state().current!;
  session.engine.start(id);
  session.engine.finish(id);
}

/** What a side trains, if it was not told to end it. */
const runOf = (side: FakeEngine): string => side.runs().at(-1)!.runId;
const finish = (side: FakeEngine): void => side.finish(runOf(side));
/** There is memory for so many, and every engine that is opened has its copy of the data. */
function giveRoom(runs: number): void {
  session.engine.reply({ type: 'room', runs });
  for (const side of sides.slice()) side.reply({ type: 'adopted' });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('engines beside the first', () => {
  test('train waiting runs, each once, and are closed when nothing waits', async () => {
    await open(3);
    queue().compare();
    giveRoom(8);
    expect(sides).toHaveLength(2);
    expect(state().aside.map(({ id }) => id)).toEqual(sides.map(runOf));
    expect(new Set([state().current!.id, ...sides.map(runOf)]).size).toBe(3);
    while (state().current ?? state().aside.length > 0) {
      for (const side of sides.slice()) if (state().aside.some(({ id }) => id === runOf(side))) finish(side);
      if (state().current) finishCurrent();
    }
    const cells = state()
      .runs.slice(1)
      .map(({ asked }) => `${asked.method} ${asked.budget} ${asked.seed}`);
    expect(cells).toHaveLength(8);
    expect(new Set(cells).size).toBe(8);
    expect(session.storage.stored.size).toBe(9);
    expect(session.storage.queued.size).toBe(0);
    expect(sides).toHaveLength(0);
  });

  test('are as many as there is memory for, which is asked before it is taken', async () => {
    await open(8);
    queue().compare();
    const asked = session.engine.requests.filter(({ type }) => type === 'find-room');
    expect(asked).toHaveLength(1);
    expect(sides).toHaveLength(0);
    giveRoom(1);
    expect(sides).toHaveLength(0);
    giveRoom(3);
    expect(sides).toHaveLength(2);
  });

  test('are not opened for a GPU, which has one run at a time', async () => {
    await open(4);
    session.engine.reply({ type: 'backend', status: { ...backend, kind: 'webgpu' } });
    queue().compare();
    giveRoom(8);
    expect(sides).toHaveLength(0);
  });

  test('pause and go on with the queue', async () => {
    await open(2);
    queue().compare();
    giveRoom(8);
    queue().pause();
    queue().resume();
    expect(sides[0].requests.map(({ type }) => type).slice(-2)).toEqual(['pause', 'resume']);
  });

  test('end a run that is cancelled, and take the next', async () => {
    await open(2);
    queue().compare();
    giveRoom(8);
    const before = runOf(sides[0]);
    const waiting = state().queue.length;
    queue().cancel([before]);
    expect(sides[0].requests.some(({ type }) => type === 'cancel')).toBe(true);
    expect(runOf(sides[0])).not.toBe(before);
    expect(state().queue).toHaveLength(waiting - 1);
    sides[0].reply({ type: 'ended-early', runId: before });
    expect(state().aside).toHaveLength(1);
  });

  test('put their runs back when other data are opened, and begin no more of them', async () => {
    await open(2);
    queue().compare();
    giveRoom(8);
    const total = 1 + state().aside.length + state().queue.length;
    session.dimmer.store.setState({ queueHeld: true });
    await session.dimmer.data.openSample('ratings');
    expect(sides).toHaveLength(0);
    expect(state().aside).toEqual([]);
    expect(state().queue).toHaveLength(total);
    expect(tinyDataset('ratings').fingerprint).toBe(state().datasetKey);
  });

  test('that stop working give their runs back, and the first goes on', async () => {
    await open(2);
    queue().compare();
    giveRoom(8);
    const total = 1 + state().aside.length + state().queue.length;
    sides[0].crash({ name: 'WorkerError', message: 'It stopped.', remedy: 'Reload.' });
    expect(state().aside).toEqual([]);
    expect(1 + state().queue.length).toBe(total);
    expect(state().current).not.toBeNull();
  });
});
