import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import '../app/page/tokens.css';
import { BenchmarkPage } from './BenchmarkPage.tsx';

/**
 * Shows the benchmark in `root`, instead of the app, which would take time from what is measured.
 * The app imports this file lazily; leaving the page loads the app afresh.
 */
export function mountBenchmark(root: HTMLElement): void {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme ??= prefersDark ? 'dark' : 'light';
  document.title = 'Dimmer: benchmark';
  createRoot(root).render(createElement(BenchmarkPage));
}
