import { useMemo } from 'react';
import { FULL_DIM, fullModelParameters } from '../../comparison/askedBudgets.ts';
import {
  type ComparisonRuns,
  expandComparison,
  type ComparisonRun,
} from '../../comparison/comparisonRuns.ts';
import { methods } from '../../compression/methods.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import { formatCount, formatDuration, pluralize } from '../shared/format.ts';
import type { AppState } from '../appState.ts';
import { AxisFields } from './AxisFields.tsx';
import { readChoices } from './chosenComparison.ts';
import { estimateSeconds, notYetTrained } from './queueProgress.ts';
import { useApp, useDimmer, useRunsHere } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { MethodList } from '../sizes/MethodList.tsx';
import forms from '../shared/forms.module.css';
import { Modal } from '../shared/Modal.tsx';

export function CompareDialog() {
  const { ui } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'compare');
  const dataset = useApp((state) => state.dataset);
  return (
    <Modal
      title="Compare methods"
      description="Trains every method at every budget, with every combination of the values below and every seed. Everything else is as set on the page."
      isOpen={isOpen && dataset !== null}
      isWide
      onClose={() => ui.openDialog(null)}
    >
      {dataset && <CompareForm dataset={dataset} />}
    </Modal>
  );
}

const MOST_SEEDS = 20;
const MOST_RATES = 15;

function CompareForm({ dataset }: { readonly dataset: DatasetSummary }) {
  const { queue, search, ui } = useDimmer();
  const choices = useApp((state) => state.comparison);
  const settings = useApp((state) => state.settings);
  const { plan, problem } = useMemo(() => tryPlan(choices, settings, dataset), [choices, settings, dataset]);
  const runs = useRunsHere();
  const missing = useMemo(() => notYetTrained(plan?.runs ?? [], runs), [plan, runs]);
  const isSearching = useApp((state) => state.search?.outcome === null);
  const full = fullModelParameters(dataset.fields);

  function startSearch(): void {
    ui.openDialog(null);
    void search.search();
  }

  function start(): void {
    ui.openDialog(null);
    queue.compare();
  }

  return (
    <>
      <fieldset className={forms.group}>
        <legend>Methods</legend>
        <MethodList
          multiple
          chosen={choices.methods}
          onChange={(chosen) => queue.choose({ methods: chosen })}
        />
      </fieldset>
      <AxisFields axes={choices.axes} settings={settings} onChange={(axes) => queue.choose({ axes })} />
      <div className={forms.fields}>
        <label className={forms.field}>
          <span>Budgets</span>
          <input
            className={controls.input}
            value={choices.budgets}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={problem !== ''}
            onChange={(event) => queue.choose({ budgets: event.currentTarget.value })}
          />
          <small>
            Parameters, as 10k, or shares of the full model at d = {FULL_DIM}, {formatCount(full)}, as 1/16.
          </small>
        </label>
        <label className={forms.field}>
          <span>Seeds</span>
          <input
            type="number"
            className={controls.input}
            min={1}
            max={MOST_SEEDS}
            value={choices.seeds}
            onChange={({ currentTarget: { valueAsNumber } }) => {
              if (valueAsNumber >= 1)
                queue.choose({ seeds: Math.min(MOST_SEEDS, Math.floor(valueAsNumber)) });
            }}
          />
          <small>
            Counted up from {settings.seed}. With two or more, the spread is drawn as an error bar.
          </small>
        </label>
        <label className={forms.field}>
          <span>Learning rates of a search</span>
          <input
            type="number"
            className={controls.input}
            min={1}
            max={MOST_RATES}
            value={choices.rates}
            onChange={({ currentTarget: { valueAsNumber } }) => {
              if (valueAsNumber >= 1)
                queue.choose({ rates: Math.min(MOST_RATES, Math.floor(valueAsNumber)) });
            }}
          />
          <small>As many for every method, a factor of 3 apart around that of the data.</small>
        </label>
      </div>
      {plan && plan.unreachable.length > 0 && <LeftOut plan={plan} />}
      <div className={forms.actions}>
        <Size plan={plan} missing={missing} problem={problem} />
        <button
          type="button"
          className={controls.button}
          data-testid="search-start"
          disabled={!plan || plan.runs.length === 0 || isSearching}
          title="Finds the best values by validation: many settings for few steps, the best third for three times as many, and so on"
          onClick={startSearch}
        >
          Search…
        </button>
        <button
          type="button"
          className={controls.primary}
          data-testid="compare-start"
          disabled={missing.length === 0}
          onClick={start}
        >
          {plan ? `Train ${pluralize(missing.length, 'run')}` : 'Train'}
        </button>
      </div>
    </>
  );
}

interface Attempt {
  readonly plan: ComparisonRuns | null;
  readonly problem: string;
}

function tryPlan(
  choices: AppState['comparison'],
  settings: AppState['settings'],
  dataset: DatasetSummary,
): Attempt {
  if (choices.methods.length === 0) return { plan: null, problem: 'Choose at least one method.' };
  try {
    return { plan: expandComparison(readChoices(choices, settings), dataset.fields), problem: '' };
  } catch (error) {
    const { message, remedy = '' } = error as Error & { remedy?: string };
    return { plan: null, problem: `${message} ${remedy}` };
  }
}

/** The number of runs, and their time where it can be estimated. */
function Size({ plan, missing, problem }: Attempt & { readonly missing: readonly ComparisonRun[] }) {
  const runs = useRunsHere();
  if (!plan) return <span role="alert">{problem}</span>;
  const seconds = estimateSeconds(missing, runs);
  const there = plan.runs.length - missing.length;
  const time =
    seconds === null ? 'the time is known when a run has ended' : `about ${formatDuration(seconds)}`;
  return (
    <span role="status" className={controls.muted}>
      {pluralize(missing.length, 'run')}, {time}
      {there > 0 && `; ${there} more ${there === 1 ? 'is' : 'are'} there already`}
    </span>
  );
}

const SHOWN_AT_ONCE = 4;

function LeftOut({ plan }: { readonly plan: ComparisonRuns }) {
  return (
    <details open={plan.unreachable.length <= SHOWN_AT_ONCE}>
      <summary>
        Left out: {pluralize(plan.unreachable.length, 'method and budget', 'pairs of method and budget')}
      </summary>
      <ul className={controls.muted}>
        {plan.unreachable.map(({ method, asked, message, range }) => (
          <li key={`${method} ${asked.text} ${message}`}>
            {methods[method].label} at {asked.text}: {message}
            {range && ` It reaches ${formatCount(range.min)} to ${formatCount(range.max)}.`}
          </li>
        ))}
      </ul>
    </details>
  );
}
