import type { Allocation } from '../../compression/allocation.ts';
import type { Program } from '../../program/program.ts';
import { elementCount } from '../../program/tensor.ts';
import type { AllocationSummary, RunResult } from '../events/events.ts';
import { type RunPlan, trainingMemory } from './planRun.ts';
import type { PreparedRun } from './prepareRun.ts';
import { memoryLedger } from '../../program/memory.ts';

/** The part of a result that says what was trained. */
export function describeRun({
  request,
  settings,
  allocation,
  program,
  exact,
  bytes,
  execution,
}: PreparedRun) {
  const { dataset, backend } = request;
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
    exactBytes: exact === program ? bytes : backend.footprint(exact),
    backend: backend.kind,
    adapter: backend.adapter,
  } satisfies Partial<RunResult>;
}

/** What the events say of a run when it starts, and when it goes on at another size. */
export function describeSize(run: RunPlan) {
  const { settings, allocation, program } = run;
  return {
    settings,
    allocation: summarise(allocation),
    otherParameters: countOtherParameters(program, allocation),
    memory: trainingMemory(run),
  };
}

export function summarise(allocation: Allocation): AllocationSummary {
  const { method, alpha, baseDim, embeddingParameters, projectionParameters } = allocation;
  const { parameters, paperParameters, trainedParameters, budget, blocks } = allocation;
  const dims = blocks.map((block) => block.dim);
  const stored = { parameters, paperParameters, trainedParameters };
  const totals = { embeddingParameters, projectionParameters, ...stored, budget };
  return { method, alpha, baseDim, ...totals, dims };
}

/** Parameters outside the embedding layer: MLPs and biases. */
function countOtherParameters({ tensors }: Program, allocation: Allocation): number {
  const { parameters, trainedParameters = parameters } = allocation;
  const stored = tensors.filter((tensor) => tensor.role === 'parameter' && !tensor.base);
  return stored.reduce((sum, tensor) => sum + elementCount(tensor), 0) - trainedParameters;
}
