import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import '../app/tokens.css';
import { BenchmarkPage } from './BenchmarkPage.tsx';

/** Shows the benchmark in `root`; returns what takes it away again. The app imports this file lazily. */
export function mountBenchmark(root: HTMLElement): () => void {
  const reactRoot = createRoot(root);
  reactRoot.render(createElement(BenchmarkPage));
  return () => reactRoot.unmount();
}
