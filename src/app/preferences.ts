import { persist, type PersistStorage } from 'zustand/middleware';
import { createStore } from 'zustand/vanilla';
import type { SampleId } from '../data/load.ts';
import { methods } from '../compression/methods.ts';
import type { Settings } from '../settings/settings.ts';
import { decodeSettings, encodeSettings, validateSettings } from '../settings/settingsCodec.ts';
import { type AppState, type AppStore, initialState } from './appState.ts';
import type { ComparisonChoices } from './compare/state.ts';

type Preferences = Pick<
  AppState,
  | 'settings'
  | 'theme'
  | 'metric'
  | 'split'
  | 'size'
  | 'fieldOrder'
  | 'sample'
  | 'seenFallback'
  | 'comparison'
  | 'runView'
  | 'showsDifferences'
  | 'keepsLearnt'
>;

/** Writes wait for a rest of this length, since a drag changes settings 60 times a second. */
const WRITE_DELAY_MS = 300;

/** The key of the sample in a link, beside those of the settings. */
const SAMPLE_KEY = 'data';
const samples: readonly SampleId[] = ['clicks', 'ratings'];

/** Creates the store with what survives a reload. Settings of a link replace stored ones. */
export function createPersistentStore(storage: Storage | undefined, link: URLSearchParams): AppStore {
  const store = createStore<AppState>()(
    persist(() => initialState, {
      name: 'dimmer',
      version: 1,
      storage: delayWrites(storage),
      partialize: (state): Preferences => ({
        settings: state.settings,
        theme: state.theme,
        metric: state.metric,
        split: state.split,
        size: state.size,
        fieldOrder: state.fieldOrder,
        sample: state.sample,
        seenFallback: state.seenFallback,
        comparison: state.comparison,
        runView: state.runView,
        showsDifferences: state.showsDifferences,
        keepsLearnt: state.keepsLearnt,
      }),
      // What another version stored is checked in `merge`.
      migrate: (stored) => stored as Preferences,
      merge: (stored, current) => ({
        ...current,
        ...(stored as Preferences),
        settings: restore(stored),
        comparison: restoreComparison(stored, current.comparison),
      }),
    }),
  );
  if (link.size > 0) store.setState(readLink(link));
  return store;
}

function restore(stored: unknown): Settings {
  return validateSettings((stored as Preferences | undefined)?.settings ?? {}).settings;
}

/** Methods that this version of the page does not know are left out. */
function restoreComparison(stored: unknown, fallback: ComparisonChoices): ComparisonChoices {
  const { comparison } = (stored ?? {}) as Partial<Preferences>;
  if (!comparison) return fallback;
  return { ...comparison, methods: comparison.methods.filter((method) => Object.hasOwn(methods, method)) };
}

/** Reads a link; values out of range become defaults. */
export function readLink(link: URLSearchParams): Partial<Preferences> {
  const sample = samples.find((id) => id === link.get(SAMPLE_KEY));
  const { settings } = decodeSettings(link);
  return sample ? { settings, sample } : { settings };
}

/** The text after # of a link that opens in this state. */
export function writeLink({ settings, dataset, sample }: AppState): string {
  const link = encodeSettings(settings);
  if (dataset?.format === 'sample' && sample !== 'clicks') link.set(SAMPLE_KEY, sample);
  return link.toString();
}

/** Writes the settings to the address, WRITE_DELAY_MS after their last change. Returns a function that stops it. */
export function followInAddress(store: AppStore, address: Pick<Window, 'history' | 'location'>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = store.subscribe((state, before) => {
    if (state.settings === before.settings && state.sample === before.sample) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const hash = writeLink(store.getState());
      const { pathname, search } = address.location;
      address.history.replaceState(null, '', hash ? `#${hash}` : pathname + search);
    }, WRITE_DELAY_MS);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function delayWrites(storage: Storage | undefined): PersistStorage<Preferences> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest: (() => void) | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    latest?.();
    latest = undefined;
  };
  if (typeof addEventListener === 'function') addEventListener('pagehide', flush);
  return {
    getItem(name) {
      try {
        return JSON.parse(storage?.getItem(name) ?? 'null');
      } catch {
        return null;
      }
    },
    setItem(name, value) {
      latest = () => {
        try {
          storage?.setItem(name, JSON.stringify(value));
        } catch {
          // Storage is full or refused: the page works without preferences.
        }
      };
      clearTimeout(timer);
      timer = setTimeout(flush, WRITE_DELAY_MS);
    },
    removeItem: (name) => storage?.removeItem(name),
  };
}
