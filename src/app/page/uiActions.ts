import type { AppState } from '../appState.ts';
import type { DialogId } from './state.ts';
import type { Context } from '../context.ts';
import { addNotice, dismissNotice } from '../shared/notices.ts';
import { copyText } from '../shared/files.ts';
import { phaseOf } from '../runs/runLife.ts';

type ShownChoice =
  | 'keepsLearnt'
  | 'theme'
  | 'metric'
  | 'split'
  | 'size'
  | 'fieldOrder'
  | 'dimsView'
  | 'spectrumIsExact'
  | 'spectrumRun'
  | 'isInSight'
  | 'runView'
  | 'showsDifferences';

export interface UiActions {
  show(choice: Partial<Pick<AppState, ShownChoice>>): void;
  /** Opens the spectrum of a field. null: the field under the pointer, else the last one shown, else the largest. */
  showSpectrum(field: number | null): void;
  openDialog(dialog: DialogId | null): void;
  hoverField(field: number | null): void;
  dismiss(notice: number): void;
  copyDiagnostics(): Promise<void>;
}

export function createUiActions(context: Context): UiActions {
  const { store } = context;
  return {
    show: (choice) => store.setState(choice),
    showSpectrum(field) {
      const { hoveredField, spectrumField: before, spectrumIsExact } = store.getState();
      const spectrumField = field ?? hoveredField ?? before;
      const isExact = spectrumIsExact && spectrumField === before;
      store.setState({ dimsView: 'spectrum', spectrumField, spectrumIsExact: isExact, hoveredField: null });
    },
    openDialog: (dialog) => store.setState({ dialog }),
    hoverField: (hoveredField) => store.setState({ hoveredField }),
    dismiss: (notice) => dismissNotice(context, notice),
    async copyDiagnostics() {
      await copyText(describeSession(store.getState()));
      addNotice(context, {
        kind: 'info',
        title: 'Diagnostics copied. They name this browser and the sizes of the data, not its content.',
        remedy: '',
        diagnostics: false,
      });
    },
  };
}

/** The diagnostics that a user can copy into a report. They hold no values of the data and no file names. */
function describeSession(state: AppState): string {
  const { dataset, backend, settings, notices, runs, current, lastEnd } = state;
  const facts = {
    at: new Date().toISOString(),
    browser: navigator.userAgent,
    webgpu: 'gpu' in navigator,
    secureContext: globalThis.isSecureContext,
    cores: navigator.hardwareConcurrency,
    backend,
    data: dataset && {
      format: dataset.format,
      task: dataset.task,
      examples: dataset.examples,
      cardinalities: dataset.fields.map((field) => field.cardinality),
      numericColumns: dataset.numericColumns.length,
    },
    settings,
    training: { phase: phaseOf(state), settings: current?.settings, lastEnd },
    storedRuns: runs.length,
    messages: notices
      .filter(({ diagnostics }) => diagnostics)
      .map(({ title, remedy }) => ({ title, remedy })),
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}
