import controls from '../shared/controls.module.css';
import { Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { differingSettings } from '../../comparison/hyperparameters.ts';
import type { RunView } from './state.ts';
import { bestRun, type RunRecord } from './runRecord.ts';
import { useApp, useDimmer, useMetric, useRunsHere } from '../useDimmer.ts';
import { ExportMenu } from './ExportMenu.tsx';
import { Panel } from '../shared/Panel.tsx';
import { LiveRow, PreviousRunRow, RunRow, WaitingRows } from './RunRows.tsx';
import { type RunColumn, runColumns, type SortOrder, sortRuns } from './runColumns.ts';
import { SeedTable } from './SeedTable.tsx';

/** Rows shown until the user asks for all: a table of thousands slows every redraw. */
const SHOWN_ROWS = 200;

export function RunsPanel() {
  const runs = useRunsHere();
  const elsewhere = useApp((state) => state.runs.length) - runs.length;
  const metric = useMetric();
  const split = useApp((state) => state.split);
  const view = useApp((state) => state.runView);
  const showsDifferences = useApp((state) => state.showsDifferences);
  const [order, setOrder] = useState<SortOrder>({ column: 'createdAt', descending: true });
  const [showsAll, setShowsAll] = useState(false);
  const columns = useMemo(() => {
    const settings = showsDifferences ? differingSettings(runs.map(({ result }) => result.settings)) : [];
    return runColumns(metric, split, settings);
  }, [metric, split, runs, showsDifferences]);
  const sorted = useMemo(() => sortRuns(runs, columns, order), [runs, columns, order]);
  const best = useMemo(() => bestRun(runs, metric)?.id, [runs, metric]);
  const shown = showsAll ? sorted : sorted.slice(0, SHOWN_ROWS);

  return (
    <Panel
      title="Runs"
      note={<StoredElsewhere here={runs.length} elsewhere={elsewhere} />}
      tools={<RunTools runs={sorted} />}
      height="list"
    >
      {view === 'seeds' ? (
        <SeedTable runs={runs} metric={metric} />
      ) : (
        <table className={controls.table}>
          <caption className={controls.visuallyHidden}>Runs on this data set</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <ColumnHead key={column.id} column={column} order={order} onSort={setOrder} />
              ))}
              <th scope="col">
                <span className={controls.visuallyHidden}>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <LiveRow columns={columns} />
            <WaitingRows columns={columns} />
            <PreviousRunRow columns={columns} />
            {shown.map((run) => (
              <RunRow key={run.id} run={run} columns={columns} isBest={run.id === best} />
            ))}
          </tbody>
        </table>
      )}
      {view === 'runs' && sorted.length > shown.length && (
        <button type="button" className={controls.small} onClick={() => setShowsAll(true)}>
          Show all {sorted.length}
        </button>
      )}
    </Panel>
  );
}

function StoredElsewhere({ here, elsewhere }: { readonly here: number; readonly elsewhere: number }) {
  const { runList } = useDimmer();
  if (elsewhere === 0) return here > 0 ? here : null;
  return (
    <>
      {here} here, {elsewhere} on other data
      <button
        type="button"
        className={controls.small}
        title="Clear the stored runs of other data sets"
        onClick={runList.removeElsewhere}
      >
        Clear those
      </button>
    </>
  );
}

interface ColumnHeadProps {
  readonly column: RunColumn;
  readonly order: SortOrder;
  readonly onSort: (order: SortOrder) => void;
}

function ColumnHead({ column, order, onSort }: ColumnHeadProps) {
  const isSorted = order.column === column.id;
  const direction = order.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={isSorted ? direction : undefined} title={column.help}>
      <button
        type="button"
        className={controls.columnHead}
        onClick={() =>
          onSort({ column: column.id, descending: isSorted ? !order.descending : column.bestIsHigh })
        }
      >
        {column.label}
        <span aria-hidden="true">{isSorted ? (order.descending ? '↓' : '↑') : ''}</span>
      </button>
    </th>
  );
}

/** The tools of the panel: what the table shows, export and clear. */
function RunTools({ runs }: { readonly runs: readonly RunRecord[] }) {
  const { runList, ui } = useDimmer();
  const view = useApp((state) => state.runView);
  const showsDifferences = useApp((state) => state.showsDifferences);
  if (runs.length === 0) return null;
  return (
    <>
      {view === 'runs' && (
        <button
          type="button"
          className={controls.small}
          aria-pressed={showsDifferences}
          title="A column for every setting in which these runs differ"
          onClick={() => ui.show({ showsDifferences: !showsDifferences })}
        >
          Differences
        </button>
      )}
      <label>
        <span className={controls.visuallyHidden}>Rows</span>
        <select
          className={controls.smallSelect}
          value={view}
          onChange={(event) => ui.show({ runView: event.currentTarget.value as RunView })}
        >
          <option value="runs">Each run</option>
          <option value="seeds">Means over seeds</option>
        </select>
      </label>
      <ExportMenu runs={runs} />
      <button
        type="button"
        className={controls.tiny}
        aria-label="Clear the stored runs of this data set"
        title="Clear these runs from this browser"
        onClick={() => runList.remove(runs.map(({ id }) => id))}
      >
        <Trash2 size={16} aria-hidden="true" />
      </button>
    </>
  );
}
