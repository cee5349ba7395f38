import type { EngineReply } from '../../worker/protocol.ts';
import type { Context } from '../context.ts';
import { type RunRecord, uniformAt } from '../runs/runRecord.ts';
import { formatCount } from '../shared/format.ts';
import type { KeptPredictions } from './keptPredictions.ts';
import type { InspectionState } from './state.ts';

export interface InspectActions {
  /** Opens the dialog about a run. */
  open(run: string): void;
  chooseField(field: number): void;
  handle(reply: Extract<EngineReply, { readonly type: 'inspection' }>): void;
}

type Reference = Extract<InspectionState, { kind: 'ready' }>['reference'];

export function createInspectActions(
  { store, engine }: Pick<Context, 'store' | 'engine'>,
  predictions: KeptPredictions,
): InspectActions {
  /** What the last question was compared with. */
  let reference: Reference = { missing: '' };

  async function ask(): Promise<void> {
    store.setState({ inspection: { kind: 'pending' } });
    const { runs, inspectedRun, inspectedField: field } = store.getState();
    const run = runs.find(({ id }) => id === inspectedRun);
    const own = run && (await predictions.find(run.id));
    const other = run && findReference(runs, run);
    const others = other && (await predictions.find(other.id));
    const state = store.getState();
    if (state.inspectedRun !== inspectedRun || state.inspectedField !== field) return; // asked for another
    if (!run || !own) return store.setState({ inspection: { kind: 'gone' } });
    reference = others && other ? { run: other.name } : { missing: whyNoReference(run, other) };
    engine.post({ type: 'inspect', runId: run.id, field, predictions: own, reference: others ?? null });
  }

  return {
    open(run) {
      store.setState(({ inspectedField, dataset }) => ({
        dialog: 'run',
        inspectedRun: run,
        inspectedField: inspectedField < (dataset?.fields.length ?? 0) ? inspectedField : 0,
      }));
      void ask();
    },
    chooseField(inspectedField) {
      store.setState({ inspectedField });
      void ask();
    },
    handle({ runId, inspection }) {
      const { inspectedRun, inspectedField } = store.getState();
      if (runId !== inspectedRun || (inspection && inspection.field !== inspectedField)) return;
      store.setState({
        inspection: inspection ? { kind: 'ready', inspection, reference } : { kind: 'gone' },
      });
    },
  };
}

/** The uniform run at the same budget with the same seed, on the same data. */
function findReference(runs: readonly RunRecord[], run: RunRecord): RunRecord | undefined {
  const { budget, seed } = run.result.settings;
  const here = runs.filter(({ datasetKey }) => datasetKey === run.datasetKey);
  return uniformAt(here, budget).findLast(
    (other) => other.id !== run.id && other.result.settings.seed === seed,
  );
}

function whyNoReference({ result: { settings } }: RunRecord, reference: RunRecord | undefined): string {
  if (settings.method === 'uniform') return 'This is a uniform run, which others are compared with.';
  if (reference)
    return `The predictions of ${reference.name}, the uniform run, are no longer kept: train it again.`;
  return `There is no uniform run with ${formatCount(settings.budget)} parameters and seed ${settings.seed} to compare with: train one.`;
}
