import styles from './App.module.css';
import { AccuracyPanel } from '../accuracy/AccuracyPanel.tsx';
import { Announcer, Notices } from './Notices.tsx';
import { ChoiceControls } from '../sizes/ChoiceControls.tsx';
import { DimsPanel } from '../dims/DimsPanel.tsx';
import { DropZone } from '../data/DropZone.tsx';
import { Header } from './Header.tsx';
import { LossPanel } from '../loss/LossPanel.tsx';
import { QueueBar } from '../compare/QueueBar.tsx';
import { RunsPanel } from '../runs/RunsPanel.tsx';
import { AlphaControl, BudgetControl } from '../sizes/SizeControls.tsx';
import { TrainingMemoryPanel } from '../memory/TrainingMemoryPanel.tsx';
import { Transport } from '../runs/Transport.tsx';
import { lazy, StrictMode, Suspense, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { listenToKeys } from '../commands/keyboard.ts';
import type { Dimmer } from '../dimmer.ts';
import { DimmerContext, useApp } from '../useDimmer.ts';

/*
 * The data-testid attributes that end-to-end tests rely on:
 * file-input, dataset-menu, kept, kept-list, backend-badge, notice, loading, alpha-slider, alpha-box, budget-slider,
 * budget-box, actual, dims-chart, accuracy-chart, run-point (data-run), live-point, run-row (data-run),
 * step-counter, baseline, preview-load, compare, compare-start, axis, search-start, search-bar (data-over), method-picker, queue-bar (data-done, data-left),
 * dims-table, dims-drawing, dims-spectrum, spectrum (data-step), spectrum-chart, spectrum-facts, spectrum-moment, spectrum-exact,
 * surprising-rows, queue-elsewhere, queued-row, seed-spread, seed-row, size, memory-total, memory-limit, memory-fitted,
 * memory-batch and so on for what gives way to the limit, model (on a run's row), compress-by, compress-budgets,
 * compress-steps, compress-start, model-download, model-score, score-model, score-data, score-start, scored, score-download.
 * Timings: performance.measure('dims-redraw') from a change of settings to the bars drawn.
 */
export function App() {
  return (
    <div className={styles.page}>
      <Header />
      <main className={styles.main}>
        <h1 className={styles.hidden}>Dimmer: what every parameter of an embedding table buys</h1>
        <Notices />
        <QueueBar />
        <div className={styles.controls}>
          <AlphaControl />
          <BudgetControl />
          <ChoiceControls />
        </div>
        <div className={styles.charts}>
          <DimsPanel />
          <AccuracyPanel />
          <div className={styles.training}>
            <LossPanel />
            <TrainingMemoryPanel />
          </div>
          <RunsPanel />
        </div>
      </main>
      <Transport />
      <DropZone />
      <OpenedDialogs />
      <Announcer />
    </div>
  );
}

const Dialogs = lazy(() => import('./Dialogs.tsx').then((module) => ({ default: module.Dialogs })));

/** Their code is loaded when the first is opened. */
function OpenedDialogs() {
  const isOpen = useApp(({ dialog, preview }) => dialog !== null || preview !== null);
  const [wasOpened, setWasOpened] = useState(false);
  if (isOpen && !wasOpened) setWasOpened(true);
  return <Suspense>{wasOpened && <Dialogs />}</Suspense>;
}

export function mountPage(dimmer: Dimmer, root: HTMLElement): void {
  listenToKeys(dimmer, document);
  createRoot(root).render(
    <StrictMode>
      <DimmerContext value={dimmer}>
        <App />
      </DimmerContext>
    </StrictMode>,
  );
}
