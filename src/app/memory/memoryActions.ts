import type { Settings } from '../../settings/settings.ts';
import type { EngineReply } from '../../worker/protocol.ts';
import { changeKey, nothingEstimated } from './state.ts';
import { offeredChanges } from './memoryOptions.ts';
import { trainable } from '../runs/requestedRun.ts';
import type { Context } from '../context.ts';

/** A question waits for a rest of this length, since a slider moves 60 times a second. */
const REST_MS = 120;

type Answer = Extract<EngineReply, { readonly request: number }>;

interface Asked {
  readonly request: number;
  readonly changes: readonly Partial<Settings>[];
  isAnswered: boolean;
}

export interface MemoryActions {
  handle(answer: Answer): void;
  /** The engine is lost: the open question will not be answered. */
  forget(): void;
}

/**
 * Asks the engine for the memory of a run whenever settings or data change. There is one question at a
 * time: after a change meanwhile, the next is asked when the answer arrives.
 */
export function createMemoryActions({ store, engine }: Pick<Context, 'store' | 'engine'>): MemoryActions {
  let asked: Asked | undefined;
  let rest: ReturnType<typeof setTimeout> | undefined;
  let lastRequest = 0;
  let isWanted = false;

  function ask(): void {
    const { settings: shown, dataset } = store.getState();
    if (!dataset || (asked && !asked.isAnswered)) return;
    isWanted = false;
    const settings = trainable(shown);
    const changes = offeredChanges(settings, dataset);
    asked = { request: ++lastRequest, changes, isAnswered: false };
    engine.post({ type: 'plan-memory', request: lastRequest, settings, changes });
  }

  store.subscribe(({ settings, datasetKey, backend }, before) => {
    const isOtherData = datasetKey !== before.datasetKey;
    if (isOtherData) store.setState({ memory: nothingEstimated });
    if (!isOtherData && settings === before.settings && backend === before.backend) return;
    isWanted = true;
    clearTimeout(rest);
    rest = setTimeout(ask, REST_MS);
  });

  return {
    handle(answer) {
      if (answer.request !== asked?.request) return;
      const { memory } = store.getState();
      if (answer.type === 'memory-plan')
        store.setState({ memory: { ...memory, plan: answer.plan, failure: null } });
      else if (answer.type === 'no-memory-plan')
        store.setState({ memory: { ...memory, plan: null, failure: answer.failure } });
      else {
        const known = asked.changes.map((change, i) => [changeKey(change), answer.totals[i]] as const);
        store.setState({ memory: { ...memory, bytesOf: Object.fromEntries(known) } });
      }
      asked.isAnswered = true;
      if (isWanted && answer.type !== 'memory-changes') ask();
    },
    forget() {
      asked = undefined;
    },
  };
}
