import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDimmer, type Dimmer } from '../../../src/app/dimmer.ts';
import { createPersistentStore } from '../../../src/app/preferences.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import type { MethodId, Settings } from '../../../src/settings/settings.ts';
import type { AllocationSummary } from '../../../src/training/events/events.ts';
import { Engine } from '../../../src/worker/engine.ts';
import type { EngineReply } from '../../../src/worker/protocol.ts';
import { MemoryFileStorage, MemoryRunStorage } from './fakeSession.ts';
import { memoryCheckpoints } from '../../support/memoryCheckpoints.ts';
import { tinyDataset } from '../training/tinyDataset.ts';

/** A page with the engine itself behind it, on this thread. */
async function openPage(dataset: Dataset) {
  let reply: (message: EngineReply) => void = () => {};
  let asked = 0;
  const engine = new Engine({
    post: (message) => reply(message),
    yieldThread: () => new Promise((resolve) => setImmediate(resolve)),
    cpu: createCpuBackend,
    webgpu: () => Promise.reject(new Error('no adapter')),
    checkpoints: memoryCheckpoints(),
    checkpointMs: 0,
  });
  const dimmer = createDimmer({
    store: createPersistentStore(undefined, new URLSearchParams()),
    engine: {
      post(request) {
        if (request.type === 'run' || request.type === 'change-size') asked++;
        engine.handle(request);
      },
      listen(onReply) {
        reply = (message) => {
          onReply(message);
          for (const hear of listeners) hear(message);
        };
      },
    },
    loader: {
      inspect: () => Promise.reject(new Error('not expected')),
      load: () => Promise.reject(new Error('not expected')),
      sample: () => Promise.resolve({ ...dataset, fingerprint: 'of the test' }),
      reopen: () => Promise.reject(new Error('not expected')),
    },
    runStorage: new MemoryRunStorage(),
    modelStorage: new MemoryFileStorage(),
    predictionStorage: new MemoryFileStorage(),
  });
  void engine.findInterrupted();
  const listeners = new Set<(message: EngineReply) => void>();
  /** What the engine next says of a size: its dims, or that there is none. */
  const nextSize = (): Promise<AllocationSummary | null> =>
    new Promise((resolve) => {
      const hear = (message: EngineReply): void => {
        const event = message.type === 'event' ? message.event : undefined;
        const isSize = event?.kind === 'started' || event?.kind === 'resized';
        if (!isSize && event?.kind !== 'resize-refused' && message.type !== 'failed') return;
        listeners.delete(hear);
        resolve(isSize ? event.allocation : null);
      };
      listeners.add(hear);
    });
  const base = { backend: 'cpu', epochs: 1000, patience: 0, evaluateEvery: 1e6, warmupSteps: 3 } as const;
  dimmer.settings.edit({ ...base, bottomMlp: '4', topMlp: '4' });
  const first = nextSize();
  await dimmer.data.openSample('clicks');
  await first;
  return { dimmer, nextSize, asked: () => asked, close: () => engine.handle({ type: 'cancel' }) };
}

/** What is drawn under the hand; null: that there is nothing to train. */
function drawn({ store }: Dimmer) {
  const { allocation } = store.getState();
  return allocation && { dims: allocation.blocks.map(({ dim }) => dim), baseDim: allocation.baseDim };
}

type Move = { readonly patch: Partial<Settings> } | 'undo' | 'redo' | 'keep' | 'forget';

const size = {
  alpha: fc.double({ min: 0, max: 1, noNaN: true }),
  budget: fc.integer({ min: 60, max: 2400 }),
};
const methods: readonly MethodId[] = [
  'mixed-dimension',
  'mixed-dimension',
  'uniform',
  'low-rank',
  'full',
  'quotient-remainder',
  'int8',
];
const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ patch: fc.record(size) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      patch: fc.record({
        method: fc.constantFrom(...methods),
        blocks: fc.constantFrom(1, 1, 3),
        popularity: fc.constantFrom('rows' as const, 'empirical' as const),
        rounding: fc.constantFrom('integer' as const, 'power-of-two' as const, 'none' as const),
        allocation: fc.constantFrom('popularity' as const, 'popularity' as const, 'spectral' as const),
      }),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Move>('undo', 'redo') },
  { weight: 2, arbitrary: fc.constantFrom<Move>('keep', 'keep', 'forget') },
);

describe('what is drawn is what is trained', () => {
  test('for any α, budget and method, before a run and when a run in progress goes over to another size', async () => {
    const dataset = tinyDataset('click');
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { minLength: 1, maxLength: 7 }), async (all) => {
        const { dimmer, nextSize, asked, close } = await openPage(dataset);
        let answered = asked();
        for (const move of all) {
          if (move === 'keep' || move === 'forget') {
            dimmer.ui.show({ keepsLearnt: move === 'keep' });
            continue;
          }
          const { settings, history } = dimmer.store.getState();
          const heard = nextSize();
          if (move === 'undo' || move === 'redo') {
            if ((move === 'undo' ? history.past : history.future).length === 0) continue;
            dimmer.settings[move]();
          } else {
            dimmer.settings.edit(move.patch);
            if (dimmer.store.getState().settings === settings) continue;
            const underTheHand = drawn(dimmer);
            dimmer.settings.commit();
            expect(drawn(dimmer)).toEqual(underTheHand);
          }
          const { allocation, allocationFailure, settings: now } = dimmer.store.getState();
          // Nothing is trained where nothing is drawn.
          expect(allocation === null).toBe(allocationFailure !== null);
          if (!allocation || asked() === answered) continue;
          answered = asked();
          const isGuess = now.method === 'mixed-dimension' && now.allocation === 'spectral';
          const before = drawn(dimmer);
          const trained = await heard;
          if (trained && !isGuess) expect({ dims: trained.dims, baseDim: trained.baseDim }).toEqual(before);
          // Once the engine has spoken, spectra or not, what is drawn is what it trains.
          if (trained) expect({ dims: trained.dims, baseDim: trained.baseDim }).toEqual(drawn(dimmer));
        }
        close();
      }),
      { numRuns: 60 },
    );
  });

  test('a budget that is halved while a run keeps what it has learnt', async () => {
    const { dimmer, nextSize, close } = await openPage(tinyDataset('click'));
    const started = nextSize();
    dimmer.settings.change({ alpha: 0.3, budget: 1200 });
    const whole = await started;
    dimmer.ui.show({ keepsLearnt: true });
    const heard = nextSize();
    dimmer.settings.edit({ budget: 300 });
    const underTheHand = drawn(dimmer);
    dimmer.settings.commit();
    const halved = await heard;
    expect({ dims: halved!.dims, baseDim: halved!.baseDim }).toEqual(underTheHand);
    expect(halved!.baseDim).toBe(whole!.baseDim);
    expect(halved!.parameters).toBeLessThanOrEqual(300);
    close();
  });

  test('undo goes back to a budget that the longer vectors of now could not be paid from', async () => {
    const { dimmer, nextSize, close } = await openPage(tinyDataset('click'));
    const started = nextSize();
    dimmer.settings.change({ alpha: 0.3, budget: 70 });
    const small = await started;
    dimmer.ui.show({ keepsLearnt: true });
    const grown = nextSize();
    dimmer.settings.change({ budget: 2400 });
    expect((await grown)!.baseDim).toBeGreaterThan(10);
    const undone = nextSize();
    dimmer.settings.undo();
    expect((await undone)!.dims).toEqual(small!.dims);
    expect(drawn(dimmer)).toEqual({ dims: small!.dims, baseDim: small!.baseDim });
    close();
  });
});
