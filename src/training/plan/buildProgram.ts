import { allocate } from '../../compression/allocate.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { BlockEnergies } from '../../compression/method.ts';
import type { Dataset } from '../../data/dataset.ts';
import { buildModel, type ModelSpec } from '../../model/model.ts';
import type { Optimizer } from '../../program/operand.ts';
import { streamGradients } from '../../program/streamGradients.ts';
import type { Program } from '../../program/program.ts';
import { elementCount } from '../../program/tensor.ts';
import { parseLayers } from '../../settings/parseSetting.ts';
import type { OptimizerId } from '../../settings/settings.ts';
import { keepApproximately } from './keepApproximately.ts';
import { TrainingError } from '../errors.ts';
import { evaluatedBatches } from '../loop/evaluator.ts';
import { pruneSteps } from '../loop/pruner.ts';
import { thresholdRule } from './thresholdRule.ts';
import type { AllocationSummary, ResolvedSettings } from '../events.ts';
import type { BatchLayout } from '../batches/batchLayout.ts';

/** The dims that settings, data and, where they are measured, spectra give. Throws what allocate throws. */
export function allocateRun(
  settings: ResolvedSettings,
  { fields }: Pick<Dataset, 'fields'>,
  spectra?: readonly BlockEnergies[],
): Allocation {
  return allocate(fields, { ...settings, spectra });
}

function checkDims({ blocks }: Allocation): void {
  if (blocks.every((block) => Number.isInteger(block.dim))) return;
  throw new TrainingError(
    'Without rounding the dims are not whole numbers, and such a table cannot be stored.',
    'Choose the rounding “integer” or “power-of-two”.',
  );
}

/**
 * The program that these settings train, in slots of this layout; `signatures` as of signaturesFor.
 * Throws TrainingError for dims that are not integers and for layers that there are not.
 */
export function programFor(
  settings: ResolvedSettings,
  dataset: Dataset,
  allocation: Allocation,
  layout: BatchLayout,
  signatures: Uint32Array | undefined,
): Program {
  return approximate(exactProgram(settings, dataset, allocation, layout, signatures), settings);
}

/** The program that approximates nothing, whatever the settings say. Throws TrainingError for dims that are not integers. */
export function exactProgram(
  settings: ResolvedSettings,
  dataset: Dataset,
  allocation: Allocation,
  layout: BatchLayout,
  signatures: Uint32Array | undefined,
): Program {
  return buildModel(specifyModel(settings, dataset, allocation, layout, signatures));
}

/** The program with the approximations that the settings ask for. Throws TrainingError for layers that there are not. */
export function approximate(
  program: Program,
  settings: Pick<ResolvedSettings, 'gradientRank' | 'activationBits' | 'exactLayers'>,
): Program {
  const kept = keepApproximately(program, settings);
  const { gradientRank } = settings;
  return gradientRank > 0 ? streamGradients(kept, gradientRank) : kept;
}

function specifyModel(
  settings: ResolvedSettings,
  dataset: Dataset,
  allocation: Allocation,
  layout: BatchLayout,
  signatures: Uint32Array | undefined,
): ModelSpec {
  checkDims(allocation);
  const { model, tableInit, l2, batch } = settings;
  const { trainSlots, dataSlots } = layout;
  const steps = pruneSteps(settings, layout.batches.train);
  const evaluated = (['train', 'validation', 'test'] as const).map((split) =>
    evaluatedBatches(layout, split),
  );
  return {
    model,
    cardinalities: dataset.fields.map((field) => field.cardinality),
    numericColumns: dataset.numericColumns.length,
    labelMean: dataset.labelMean,
    allocation,
    signatures,
    bottomMlp: parseLayers('bottomMlp', settings.bottomMlp),
    topMlp: parseLayers('topMlp', settings.topMlp),
    tableInit,
    optimizer: optimizers[settings.optimizer],
    seed: settings.seed,
    threshold: thresholdRule(settings.optimizer, settings.learningRate, steps),
    l2,
    batch,
    trainSlots,
    dataSlots,
    evaluationSlots: Math.max(...evaluated),
  };
}

export const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Constants as in PyTorch. */
const optimizers: Readonly<Record<OptimizerId, Optimizer>> = {
  sgd: { kind: 'sgd' },
  adagrad: { kind: 'adagrad', epsilon: 1e-10 },
  adam: { ...adam, amsgrad: false },
  amsgrad: { ...adam, amsgrad: true },
};

export function summarise(allocation: Allocation): AllocationSummary {
  const { method, alpha, baseDim, embeddingParameters, projectionParameters } = allocation;
  const { parameters, paperParameters, trainedParameters, budget, blocks } = allocation;
  const dims = blocks.map((block) => block.dim);
  const stored = { parameters, paperParameters, trainedParameters };
  const totals = { embeddingParameters, projectionParameters, ...stored, budget };
  return { method, alpha, baseDim, ...totals, dims };
}

/** Parameters beside the embedding layer's: MLPs and biases. */
export function countOtherParameters({ tensors }: Program, allocation: Allocation): number {
  const { parameters, trainedParameters = parameters } = allocation;
  const stored = tensors.filter((tensor) => tensor.role === 'parameter' && !tensor.base);
  return stored.reduce((sum, tensor) => sum + elementCount(tensor), 0) - trainedParameters;
}
