import type { AppState, DialogId } from '../appState.ts';
import { describeSession } from './diagnostics.ts';
import { addNotice, type Context, dismissNotice } from '../context.ts';
import { copyText } from '../shared/output.ts';

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
  /** Opens the spectrum of a field; null: of the one under the pointer or the last one, or the largest. */
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
