import { createLoaderClient, openEngine, openLoader, openSideEngine } from '../worker/client.ts';
import { createDimmer } from './dimmer.ts';
import { openDatabase } from './storage/database.ts';
import { createModelStorage, createPredictionStorage } from './storage/fileStorage.ts';
import { createRunStorage } from './storage/runStorage.ts';
import { createPersistentStore, followInAddress, readLink, reportLink } from './preferences.ts';
import { reportUnread } from './shared/notices.ts';
import './page/tokens.css';
import type { AppStore } from './appState.ts';

const readAddress = (url: string): URLSearchParams => new URLSearchParams(new URL(url).hash.slice(1));

/** undefined where the browser refuses storage: the getter may throw. */
function findLocalStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** The benchmark is a page of its own, so that the app takes no time from what it measures. */
const isBenchmark = (): boolean => location.hash === '#benchmark';

if (isBenchmark()) {
  const { mountBenchmark } = await import('../benchmark/BenchmarkPage.tsx');
  mountBenchmark(document.getElementById('root')!);
} else await openApp();

async function openApp(): Promise<void> {
  const store = createPersistentStore(findLocalStorage(), readAddress(location.href));
  applyTheme(store, document.documentElement);
  const database = openDatabase();
  const dimmer = createDimmer({
    store,
    engine: openEngine(),
    loader: createLoaderClient(openLoader()),
    runStorage: createRunStorage(database, (count, kind) => reportUnread({ store }, count, kind)),
    modelStorage: createModelStorage(database),
    predictionStorage: createPredictionStorage(database),
    sideEngines: { open: openSideEngine, cores: navigator.hardwareConcurrency },
  });
  followInAddress(store, window);
  const see = (): void => dimmer.ui.show({ isInSight: !document.hidden });
  see();
  document.addEventListener('visibilitychange', see);
  window.addEventListener('hashchange', ({ newURL }) => {
    if (isBenchmark()) return location.reload();
    // The event's own address: followInAddress may have written older settings over the link since.
    const { settings, sample, problems } = readLink(readAddress(newURL));
    reportLink({ store }, problems);
    if (sample && sample !== store.getState().sample) void dimmer.data.openSample(sample);
    if (settings) dimmer.settings.change(settings);
  });
  void dimmer.data.openSample(store.getState().sample);

  // Loaded after the workers start: they generate the sample while the browser parses React.
  const { mountPage } = await import('./page/App.tsx');
  mountPage(dimmer, document.getElementById('root')!);
}

/** Keeps data-theme of the root element at the theme of the user or the system. */
function applyTheme(store: AppStore, root: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const { theme } = store.getState();
    const dark = theme === 'system' ? system.matches : theme === 'dark';
    root.dataset.theme = dark ? 'dark' : 'light';
  };
  apply();
  system.addEventListener('change', apply);
  store.subscribe((state, before) => {
    if (state.theme !== before.theme) apply();
  });
}
