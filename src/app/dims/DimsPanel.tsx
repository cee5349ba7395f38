import { lazy, Suspense, useState } from 'react';
import chartStyles from '../charts/charts.module.css';
import { DimsChart } from './DimsChart.tsx';
import { formatCount, formatDim } from '../shared/format.ts';
import type { AppState } from '../appState.ts';
import type { DimsView } from './state.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { FieldTable } from './FieldTable.tsx';
import { Panel } from '../shared/Panel.tsx';
import panel from '../shared/Panel.module.css';

const FieldDrawing = lazy(() =>
  import('./drawing/FieldDrawing.tsx').then((module) => ({ default: module.FieldDrawing })),
);
const SpectrumView = lazy(() =>
  import('../spectrum/SpectrumView.tsx').then((module) => ({ default: module.SpectrumView })),
);

const describeDims = ({ allocation }: AppState): string => {
  if (!allocation) return '';
  let least = Infinity;
  let most = 0;
  for (const { dim } of allocation.blocks) {
    least = Math.min(least, dim);
    most = Math.max(most, dim);
  }
  const range = least === most ? formatDim(least) : `${formatDim(least)} to ${formatDim(most)}`;
  return `dims ${range}, projected to D = ${formatDim(allocation.baseDim)}`;
};

const viewLabels = { table: 'Table', drawing: 'Drawing', spectrum: 'Spectrum' } as const;
const views = ['table', 'drawing', 'spectrum'] as const;

export function DimsPanel() {
  const { ui } = useDimmer();
  const dataset = useApp((state) => state.dataset);
  const fieldOrder = useApp((state) => state.fieldOrder);
  const view = useApp((state) => state.dimsView);
  // Its chart is dear to mount: once it was open it stays, hidden.
  const [wasOpened, setWasOpened] = useState(false);
  if (view === 'spectrum' && !wasOpened) setWasOpened(true);
  const setView = (dimsView: DimsView): void =>
    dimsView === 'spectrum' ? ui.showSpectrum(null) : ui.show({ dimsView });
  const tools = (
    <>
      {(view === 'bars' || view === 'table') && (
        <label>
          <span className={controls.visuallyHidden}>Order of the fields</span>
          <select
            className={controls.smallSelect}
            value={fieldOrder}
            onChange={(event) => ui.show({ fieldOrder: event.currentTarget.value as 'rows' | 'file' })}
          >
            <option value="rows">Small tables first</option>
            <option value="file">As in the file</option>
          </select>
        </label>
      )}
      {views.map((other) => (
        <button
          key={other}
          type="button"
          className={controls.small}
          aria-pressed={view === other}
          data-testid={`dims-${other}`}
          title={other === 'spectrum' ? 'Singular values of a field, live ( v )' : undefined}
          onClick={() => setView(view === other ? 'bars' : other)}
        >
          {viewLabels[other]}
        </button>
      ))}
    </>
  );
  return (
    <Panel title="Dims" note={<DimsNote />} tools={tools} height="chart">
      {dataset && view === 'bars' && (
        <LabelledChart fieldOrder={fieldOrder} onPick={() => setView('drawing')} />
      )}
      {dataset && view === 'table' && <FieldTable dataset={dataset} />}
      {dataset && view === 'drawing' && (
        <Suspense>
          <FieldDrawing dataset={dataset} />
        </Suspense>
      )}
      {dataset && wasOpened && (
        <div className={panel.view} hidden={view !== 'spectrum'}>
          <Suspense>
            <SpectrumView dataset={dataset} />
          </Suspense>
        </div>
      )}
    </Panel>
  );
}

/** Describes the field under the pointer, otherwise the range of all dims. */
function DimsNote() {
  const note = useApp((state) => {
    const { hoveredField, dataset, allocation } = state;
    if (hoveredField === null || !dataset || !allocation) return describeDims(state);
    const field = dataset.fields[hoveredField];
    const blocks = allocation.blocks.filter((block) => block.field === hoveredField);
    const parameters = blocks.reduce(
      (sum, block) => sum + block.tableParameters + block.projectionParameters,
      0,
    );
    const dims = blocks.map(({ dim }) => formatDim(dim)).join(', ');
    return `${field.name}: ${formatCount(field.cardinality)} rows × ${dims} · ${formatCount(parameters)} parameters`;
  });
  return <span title={note}>{note}</span>;
}

interface LabelledChartProps extends Pick<AppState, 'fieldOrder'> {
  /** Called on a click on a field. */
  readonly onPick: () => void;
}

function LabelledChart({ fieldOrder, onPick }: LabelledChartProps) {
  const dataset = useApp((state) => state.dataset)!;
  // Follows the settings once they rest, so that a screen reader does not announce every step of a drag.
  const range = useApp((state) => (state.editingFrom ? null : describeDims(state)));
  const [lastRange, setLastRange] = useState(range);
  if (range !== null && range !== lastRange) setLastRange(range);
  const label = `Bar chart of the dims of ${dataset.fields.length} fields above their popularity curves; ${range ?? lastRange ?? ''}. The button Table shows the numbers, the button Drawing how an id becomes a vector.`;
  return (
    <div className={chartStyles.stack}>
      <div className={chartStyles.plot}>
        <DimsChart dataset={dataset} fieldOrder={fieldOrder} label={label} onPick={onPick} />
      </div>
      <ul className={chartStyles.legend} aria-label="Legend">
        <BoxKey label="Dim, on a log scale" color="var(--accent)" />
        <BoxKey label="Popularity of its rows, the most looked-up first" color="var(--popularity)" />
      </ul>
    </div>
  );
}

function BoxKey({ label, color }: { readonly label: string; readonly color: string }) {
  return (
    <li>
      <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
        <rect width="8" height="8" rx="1" fill={color} />
      </svg>
      {label}
    </li>
  );
}
