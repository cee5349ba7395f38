import { memoryLedger } from '../../program/memory.ts';
import type { RunResult } from '../events.ts';
import type { RunParts } from './run.ts';
import { countOtherParameters, summarise } from '../plan/buildProgram.ts';

/** What a result says of what was trained, whatever came of it. */
export function describeParts({
  settings,
  dataset,
  allocation,
  program,
  memory,
  execution,
  backend,
}: RunParts) {
  const { askedBytes, peakBytes } = memoryLedger(program);
  return {
    settings,
    datasetName: dataset.name,
    task: dataset.task,
    allocation: summarise(allocation),
    otherParameters: countOtherParameters(program, allocation),
    bytes: execution.allocatedBytes,
    askedBytes,
    peakBytes,
    exactBytes: memory.exactBytes,
    backend: backend.kind,
    adapter: backend.adapter,
  } satisfies Partial<RunResult>;
}

/** What is really stored of the embedding layer: by its weights where these decide it. */
export function storedParameters({ stored, allocation }: Pick<RunResult, 'stored' | 'allocation'>): number {
  return stored?.parameters ?? allocation.parameters;
}
