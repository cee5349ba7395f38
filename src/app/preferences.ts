import * as v from 'valibot';
import { persist, type PersistStorage } from 'zustand/middleware';
import { createStore } from 'zustand/vanilla';
import type { SampleId } from '../data/load.ts';
import { axisNames } from '../comparison/settingAxes.ts';
import { type MethodId, methodLabels, type Settings, settingTable } from '../settings/settings.ts';
import { decodeSettings, encodeSettings, validateSettings } from '../settings/settingsCodec.ts';
import { excerpt } from '../validation/excerpt.ts';
import { oneOf } from '../validation/shape.ts';
import { type MetricId, metricTable } from './accuracy/metrics.ts';
import { type AppState, type AppStore, initialState } from './appState.ts';
import { runSizes, type SizeId } from './runs/runSize.ts';
import { addNotice, type NoticeContext } from './shared/notices.ts';

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

/** Problems that a notice names one by one. */
const MOST_NAMED = 3;

/** What each preference can be, but for the settings, which have a table of their own. */
const preferenceShapes = {
  theme: oneOf<Preferences['theme']>({ system: 0, light: 0, dark: 0 }),
  metric: v.nullable(v.picklist(metricTable.map(({ id }): MetricId => id))),
  split: oneOf<Preferences['split']>({ validation: 0, test: 0 }),
  size: oneOf<SizeId>(runSizes),
  fieldOrder: oneOf<Preferences['fieldOrder']>({ rows: 0, file: 0 }),
  sample: oneOf<SampleId>({ clicks: 0, ratings: 0 }),
  seenFallback: v.string(),
  comparison: v.object({
    methods: v.array(oneOf<MethodId>(methodLabels)),
    budgets: v.string(),
    // Versions before had none.
    axes: v.optional(v.array(v.object({ name: v.picklist(axisNames), values: v.string() })), []),
    seeds: v.pipe(v.number(), v.integer(), v.minValue(1)),
    rates: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 5),
  }),
  runView: oneOf<Preferences['runView']>({ runs: 0, seeds: 0 }),
  showsDifferences: v.boolean(),
  keepsLearnt: v.boolean(),
} satisfies {
  readonly [K in Exclude<keyof Preferences, 'settings'>]: v.GenericSchema<unknown, Preferences[K]>;
};

/**
 * Creates the store with what survives a reload. Settings of a link replace stored ones. What of either cannot be used is left at its
 * default, and named in a notice.
 */
export function createPersistentStore(storage: Storage | undefined, link: URLSearchParams): AppStore {
  const lost: string[] = [];
  const store = createStore<AppState>()(
    persist(() => initialState, {
      name: 'dimmer',
      version: 1,
      storage: delayWrites(storage, () => lost.push('all of them')),
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
      merge(stored, current) {
        const { preferences, unusable } = restorePreferences(stored);
        lost.push(...unusable);
        return { ...current, ...preferences };
      },
    }),
  );
  if (lost.length > 0)
    addNotice(
      { store },
      {
        kind: 'warning',
        title: `Choices of an earlier visit cannot be used: ${nameFew(lost, ', ')}.`,
        remedy: 'They are at their defaults again; choose them anew.',
        diagnostics: false,
      },
    );
  if (link.size > 0) {
    const { problems, ...own } = readLink(link);
    store.setState(own);
    reportLink({ store }, problems);
  }
  return store;
}

/** What of a stored record fits, and the names of what does not. */
function restorePreferences(stored: unknown): {
  readonly preferences: Partial<Preferences>;
  readonly unusable: readonly string[];
} {
  const own = new Map(typeof stored === 'object' && stored !== null ? Object.entries(stored) : []);
  const { settings, errors, unknown } = validateSettings(own.get('settings'));
  const unusable = [
    ...errors.map((error) => settingTable[error.setting as keyof Settings].label),
    ...unknown.map((name) => `“${excerpt(name)}”`),
  ];
  const preferences: Record<string, unknown> = { settings };
  for (const [name, shape] of Object.entries(preferenceShapes)) {
    if (own.get(name) === undefined) continue;
    const read = v.safeParse(shape, own.get(name));
    if (read.success) preferences[name] = read.output;
    else unusable.push(name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
  }
  return { preferences: preferences as Partial<Preferences>, unusable };
}

/** What a link gives, and what of it cannot be used, in sentences. Undefined: it says nothing of it. */
interface LinkContent {
  readonly settings?: Settings;
  readonly sample?: SampleId;
  readonly problems: readonly string[];
}

/** Reads a link that anyone may have written. Settings that it does not name are at their defaults. */
export function readLink(link: URLSearchParams): LinkContent {
  const { settings, errors, unknown } = decodeSettings(link);
  const wanted = link.get(SAMPLE_KEY);
  const sample = samples.find((id) => id === wanted);
  const others = unknown.filter((key) => key !== SAMPLE_KEY);
  const problems = errors.map(({ message, remedy }) => `${message} ${remedy}`);
  if (wanted !== null && !sample) problems.push(`There is no sample “${excerpt(wanted)}”.`);
  if (others.length > 0)
    problems.push(
      `This version knows nothing called ${nameFew(
        others.map((key) => `“${excerpt(key)}”`),
        ', ',
      )}.`,
    );
  // A link to something else than settings must not undo them.
  const saysNothing = others.length > 0 && others.length === new Set(link.keys()).size;
  return { ...(!saysNothing && { settings }), ...(sample && { sample }), problems };
}

/** Names what of a link was not used. */
export function reportLink(context: NoticeContext, problems: readonly string[]): void {
  if (problems.length === 0) return;
  addNotice(context, {
    kind: 'warning',
    title: 'A part of the link cannot be used; the rest of it is.',
    remedy: nameFew(problems, ' '),
    diagnostics: false,
  });
}

function nameFew(names: readonly string[], separator: string): string {
  const rest = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).join(separator);
  return rest > 0 ? `${named}${separator}and ${rest} more` : named;
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

/** null: there is none, or the browser refuses storage. */
function readItem(storage: Storage | undefined, name: string): string | null {
  try {
    return storage?.getItem(name) ?? null;
  } catch {
    return null;
  }
}

/** `onTorn`: something is stored that is no JSON. */
function delayWrites(storage: Storage | undefined, onTorn: () => void): PersistStorage<Preferences> {
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
      const text = readItem(storage, name);
      if (text === null) return null;
      try {
        return JSON.parse(text);
      } catch {
        onTorn();
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
