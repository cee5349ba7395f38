import styles from './App.module.css';
import { AccuracyPanel } from './ui/AccuracyPanel.tsx';
import { Announcer } from './ui/Announcer.tsx';
import { ChoiceControls } from './ui/ChoiceControls.tsx';
import { DimsPanel } from './ui/DimsPanel.tsx';
import { DropZone } from './ui/DropZone.tsx';
import { Header } from './ui/Header.tsx';
import { LossPanel } from './ui/LossPanel.tsx';
import { Notices } from './ui/Notices.tsx';
import { QueueBar } from './ui/QueueBar.tsx';
import { RunsPanel } from './ui/RunsPanel.tsx';
import { AlphaControl, BudgetControl } from './ui/SizeControls.tsx';
import { TrainingMemoryPanel } from './ui/memory/TrainingMemoryPanel.tsx';
import { Transport } from './ui/Transport.tsx';
import { CompareDialog } from './ui/dialogs/CompareDialog.tsx';
import { DatasetDialog } from './ui/dialogs/DatasetDialog.tsx';
import { ModelDialog } from './ui/dialogs/ModelDialog.tsx';
import { PasteDialog } from './ui/dialogs/PasteDialog.tsx';
import { PreviewDialog } from './ui/dialogs/PreviewDialog.tsx';
import { SettingsDialog } from './ui/dialogs/SettingsDialog.tsx';
import { ShortcutsDialog } from './ui/dialogs/ShortcutsDialog.tsx';

/*
 * Stable hooks for end-to-end tests, all data-testid:
 * file-input, dataset-menu, backend-badge, notice, loading, alpha-slider, alpha-box, budget-slider,
 * budget-box, actual, dims-chart, accuracy-chart, run-point (data-run), live-point, run-row (data-run),
 * step-counter, baseline, preview-load, compare, compare-start, method-picker, queue-bar (data-done, data-left),
 * dims-table, dims-drawing, dims-spectrum, spectrum (data-step), spectrum-chart, spectrum-facts, spectrum-moment, spectrum-exact,
 * surprising-rows, queue-elsewhere, queued-row, seed-spread, seed-row, size, memory-total, memory-limit, memory-fitted,
 * memory-batch and so on for what gives way to the limit, model (on a run's row), compress-by, compress-budgets,
 * compress-steps, compress-start, model-download.
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
      <DatasetDialog />
      <PasteDialog />
      <PreviewDialog />
      <SettingsDialog />
      <CompareDialog />
      <ModelDialog />
      <ShortcutsDialog />
      <Announcer />
    </div>
  );
}
