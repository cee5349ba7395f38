import type { AppState } from '../appState.ts';
import { phaseOf } from '../runs/runLife.ts';

/** What someone who helps needs to know. No values of the data, no file names. */
export function describeSession(state: AppState): string {
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
