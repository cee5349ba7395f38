import { totalBytes } from '../program/memory.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type RunResult, storedParameters, type TrainingEvent } from '../training/events/events.ts';
import { writeCount } from '../quantities/quantities.ts';
import { openStatusLine } from './statusLine.ts';
import { testLines } from './testLines.ts';

/** Writes the line of an event to stdout, if it has one. In JSON, metrics that do not exist (NaN) are null. */
export function reportEvent(event: TrainingEvent, json: boolean): void {
  if (event.kind === 'evaluation') {
    const { kind, split, step, best, metrics } = event;
    const line = json
      ? JSON.stringify({ event: kind, split, step, best, ...metrics })
      : `${split.padEnd(10)} step ${String(step).padStart(7)}  ${formatMetrics(metrics)}${best ? '  best' : ''}`;
    process.stdout.write(`${line}\n`);
  }
  if (event.kind === 'gradient-spectra') {
    const { kind, step, layers } = event;
    const kept = layers
      .map((own) => `${own.layer} ${own.kept.toFixed(3)}, ${own.followed.toFixed(3)}`)
      .join('  ');
    const line = json
      ? JSON.stringify({ event: kind, step, layers })
      : `${'gradients'.padEnd(10)} step ${String(step).padStart(7)}  kept, followed: ${kept}`;
    process.stdout.write(`${line}\n`);
  }
  if (event.kind === 'resumed') {
    const { kind, step, totalSteps } = event;
    const line = json
      ? JSON.stringify({ event: kind, step, totalSteps })
      : `resumed    step ${String(step).padStart(7)}  of at most ${totalSteps}`;
    process.stdout.write(`${line}\n`);
  }
  if (event.kind === 'resized') {
    const { kind, step, allocation, lostEnergy } = event;
    const { parameters, baseDim } = allocation;
    const line = json
      ? JSON.stringify({ event: kind, step, parameters, baseDim, dims: allocation.dims, lostEnergy })
      : `resized    step ${String(step).padStart(7)}  ${parameters} parameters, ${(100 * lostEnergy).toFixed(2)} % of the vectors’ energy lost`;
    process.stdout.write(`${line}\n`);
  }
  if (event.kind === 'compressed') {
    const { result } = event;
    const { by, budget, lostEnergy, steps } = result.compressed;
    const { metrics } = result;
    const parameters = storedParameters(result);
    const line = { event: event.kind, by, budget, parameters, lostEnergy, steps, ...metrics };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  if (event.kind === 'resize-refused')
    process.stderr.write(`Not resized after step ${event.step}: ${event.message} ${event.remedy}\n`);
  if (event.kind === 'finished') {
    if (event.result.message) process.stderr.write(`${event.result.message}\n`);
    if (!json) for (const line of testLines(event.result)) process.stdout.write(`${line}\n`);
    process.stdout.write(`${JSON.stringify(resultLine(event.result))}\n`);
  }
}

/** Metrics that apply are under the names of the splits; parameters are the embedding layer's. */
export function resultLine(result: RunResult) {
  const { settings, allocation, metrics } = result;
  return {
    event: 'result',
    method: settings.method,
    alpha: allocation.alpha,
    budget: settings.budget,
    parameters: storedParameters(result),
    trainedParameters: allocation.trainedParameters,
    stored: result.stored,
    embeddingParameters: allocation.embeddingParameters,
    projectionParameters: allocation.projectionParameters,
    otherParameters: result.otherParameters,
    baseDim: allocation.baseDim,
    dims: allocation.dims,
    bytes: result.bytes,
    askedBytes: result.askedBytes,
    peakBytes: result.peakBytes,
    trainingBytes: totalBytes(result.bytes),
    exactTrainingBytes: result.exactBytes && totalBytes(result.exactBytes),
    ...metrics,
    testIntervals: result.testIntervals,
    testReport: result.testReport,
    floatMetrics: result.floatMetrics,
    reason: result.reason,
    message: result.message,
    stages: result.stages && result.stages.length > 0 ? result.stages : undefined,
    bestStep: result.bestStep,
    steps: result.steps,
    msPerStep: result.msPerStep,
    seconds: result.seconds,
    backend: result.backend,
    adapter: result.adapter,
    trainedOn: result.trainedOn,
    seed: settings.seed,
    data: result.datasetName,
    task: result.task,
    settings,
  };
}

function formatMetrics(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, value]: [string, number]) => `${name} ${value.toFixed(4)}`)
    .join('  ');
}

/** The step and the loss on the status line. */
export function showTraining(): { show(event: TrainingEvent): void; clear(): void } {
  const status = openStatusLine();
  return {
    show(event) {
      if (event.kind === 'progress') status.show(() => describeProgress(event));
      else if (event.kind === 'warming-up')
        status.show(() => `warm-up step ${writeCount(event.step)} of ${writeCount(event.totalSteps)}`);
      else status.clear();
    },
    clear: status.clear,
  };
}

function describeProgress({
  step,
  totalSteps,
  stepsPerSecond,
  losses,
}: Extract<TrainingEvent, { kind: 'progress' }>): string {
  const loss = losses.at(-1)!.toFixed(4);
  return `step ${writeCount(step)} of at most ${writeCount(totalSteps)}, loss ${loss}, ${Math.round(stepsPerSecond)} steps/s`;
}
