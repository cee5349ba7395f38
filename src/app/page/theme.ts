import type { AppStore } from '../appState.ts';

/** Sets data-theme on the root element to what the user or the system wants, now and later. */
export function applyTheme(store: AppStore, root: HTMLElement): void {
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
