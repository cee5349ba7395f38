import { reachableRange } from '../../compression/allocate.ts';
import { budgetOf, decideDims, type DimsContext } from '../../compression/decideDims.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DatasetSummary, Failure } from '../../worker/protocol.ts';
import type { AppState, AppStore } from '../appState.ts';
import { trainable } from '../runs/requestedRun.ts';
import { areSame, type CurrentRun, runThatWouldResize, spectraFor } from '../runs/runLife.ts';
import { type BudgetScale, budgetScale } from '../sizes/budgetScale.ts';
import type { BlockEnergies } from '../../compression/method.ts';

type DimsState = Pick<AppState, 'settings' | 'dataset' | 'current' | 'keepsLearnt' | 'measured'>;
type Decision = Pick<AppState, 'allocation' | 'allocationFailure' | 'budget'>;

/**
 * The dims of the run that letting go of the slider would train, be it a new one or the one in progress at another size. Pure
 * arithmetic, done at every slider input, by the function that decides the dims of runs.
 */
export function decideShownDims(state: DimsState): Decision {
  const { dataset } = state;
  const settings = trainable(state.settings);
  if (!dataset) return { allocation: null, allocationFailure: null, budget: settings.budget ?? 0 };
  const budget = budgetOf(settings, dataset);
  try {
    const run = runThatWouldResize(state, settings);
    const spectra = spectraFor(state, settings);
    const isAsBegun =
      run && areSame(run.sizes[0].settings, settings) && run.sizes.length + run.changes.length === 1;
    const runningDim = run && !isAsBegun ? dimAfterChanges(run, dataset, spectra) : undefined;
    const allocation = decideDims(dataset, settings, { spectra, runningDim });
    return { allocation, allocationFailure: null, budget };
  } catch (error) {
    return { allocation: null, allocationFailure: error as Failure, budget };
  }
}

/** D of a run when the changes that it was asked for are made. undefined: it has not begun, and its dims are still its settings'. */
function dimAfterChanges(
  { sizes, changes }: CurrentRun,
  dataset: DatasetSummary,
  spectra: readonly BlockEnergies[] | undefined,
): number | undefined {
  const dims = sizes.map(
    ({ settings, allocation }) => allocation?.baseDim ?? tryDim(dataset, settings, { spectra }),
  );
  for (const { kind, settings } of changes) {
    const runningDim = dims.at(-1);
    const next = kind === 'undo' ? undefined : tryDim(dataset, settings, { spectra, runningDim });
    if (kind === 'undo' && dims.length > 1) dims.pop();
    else if (next !== undefined) dims.push(next);
  }
  return dims.at(-1);
}

/** undefined: the engine will refuse this. */
function tryDim(dataset: DatasetSummary, settings: Settings, context: DimsContext): number | undefined {
  try {
    return decideDims(dataset, settings, context).baseDim;
  } catch {
    return undefined;
  }
}

/** Decides anew whenever a run begins, changes its size or ends, and when it is chosen whether one keeps what it has learnt. */
export function followRuns(store: AppStore): void {
  store.subscribe((state, before) => {
    const isSame =
      state.current?.id === before.current?.id &&
      state.current?.sizes === before.current?.sizes &&
      state.current?.changes === before.current?.changes &&
      state.keepsLearnt === before.keepsLearnt &&
      state.measured === before.measured;
    if (isSame || !state.dataset || state.dataset !== before.dataset) return;
    store.setState(decideShownDims(state));
  });
}

const countRows = ({ fields }: DatasetSummary): number =>
  fields.reduce((rows, field) => rows + field.cardinality, 0);

/** The range of the budget slider. It depends on the data set alone, so that the scale does not move during a drag. */
export function scaleFor(dataset: DatasetSummary): BudgetScale {
  const { min } = reachableRange(dataset.fields, {
    method: 'uniform',
    blocks: 1,
    rounding: 'integer',
    maxDim: 64,
  });
  return budgetScale(min, 64 * countRows(dataset));
}
