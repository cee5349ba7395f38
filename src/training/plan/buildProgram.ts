import type { Allocation } from '../../compression/allocation.ts';
import type { DatasetInfo } from '../../data/dataset.ts';
import { buildModel } from '../../model/model.ts';
import type { Placement } from '../../model/placeFields.ts';
import type { LabelScale, ThresholdRule } from '../../model/spec.ts';
import { approximableLayers, approximateActivations } from '../../program/approximateActivations.ts';
import type { Program } from '../../program/program.ts';
import { streamGradients } from '../../program/streamGradients.ts';
import { parseLayers, parseNames } from '../../settings/parseSetting.ts';
import type { ActivationBits, OptimizerId } from '../../settings/settings.ts';
import { type BatchLayout, evaluationSlots } from '../batches/batchLayout.ts';
import { rankingOf } from './ranking.ts';
import { TrainingError } from '../events/errors.ts';
import type { ResolvedSettings } from '../events/events.ts';
import type { Optimizer, QuantisedBits } from '../../program/operand.ts';

/** Everything that decides the program of a run. */
export interface ProgramSource {
  readonly settings: ResolvedSettings;
  readonly dataset: Pick<DatasetInfo, 'task' | 'fields' | 'numericColumns' | 'labelMean'>;
  /** See labelScaleOf. */
  readonly regression: LabelScale | undefined;
  readonly allocation: Allocation;
  readonly placement: Placement;
  readonly layout: BatchLayout;
}

/** PyTorch's constants. */
export const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

const optimizers: Readonly<Record<OptimizerId, Optimizer>> = {
  sgd: { kind: 'sgd' },
  adagrad: { kind: 'adagrad', epsilon: 1e-10 },
  adam: { ...adam, amsgrad: false },
  amsgrad: { ...adam, amsgrad: true },
};

/** The program that approximates nothing, whatever the settings say. `signatures`: see signaturesFor. */
export function exactProgram(
  { settings, dataset, regression, allocation, placement, layout }: ProgramSource,
  signatures: Uint32Array | undefined,
): Program {
  const { model, tableInit, l2, batch, seed } = settings;
  const { trainSlots, dataSlots } = layout;
  const steps = pruneSteps(settings, layout.batches.train);
  return buildModel({
    model,
    cardinalities: dataset.fields.map((field) => field.cardinality),
    numericColumns: dataset.numericColumns.length,
    labelMean: dataset.task === 'ranking' ? 0 : dataset.labelMean,
    regression,
    allocation,
    placement,
    signatures,
    bottomMlp: parseLayers('bottomMlp', settings.bottomMlp),
    topMlp: parseLayers('topMlp', settings.topMlp),
    ncfMlp: parseLayers('ncfMlp', settings.ncfMlp),
    ranking: rankingOf(settings, dataset),
    tableInit,
    optimizer: optimizers[settings.optimizer],
    seed,
    threshold: thresholdRule(settings.optimizer, settings.learningRate, steps),
    l2,
    batch,
    trainSlots,
    dataSlots,
    evaluationSlots: evaluationSlots(layout),
  });
}

/**
 * The program with the approximations that the settings ask for. Throws TrainingError if they name a layer that it does not have.
 */
export function approximate(
  program: Program,
  settings: Pick<ResolvedSettings, 'gradientRank' | 'activationBits' | 'exactLayers'>,
): Program {
  const quantised = quantiseActivations(program, settings);
  const { gradientRank } = settings;
  return gradientRank > 0 ? streamGradients(quantised, gradientRank) : quantised;
}

/** The steps that pruning is spread over: at least one, at most all of the run. */
export function pruneSteps({ pruneEpochs, epochs }: ResolvedSettings, batches: number): number {
  return Math.min(epochs * batches, Math.max(1, Math.round(pruneEpochs * batches)));
}

const codeBits: Readonly<Record<ActivationBits, QuantisedBits | undefined>> = {
  '32': undefined,
  '16': 16,
  '8': 8,
  '4': 4,
};

/**
 * The program with activations kept in as many bits as the settings say. Throws TrainingError for a layer that it does not have.
 */
function quantiseActivations(
  program: Program,
  { activationBits, exactLayers }: Pick<ResolvedSettings, 'activationBits' | 'exactLayers'>,
): Program {
  const exact = new Set(parseNames(exactLayers));
  const layers = new Set(program.tensors.map(({ layer }) => layer));
  const unknown = [...exact].find((name) => !layers.has(name));
  if (unknown !== undefined)
    throw new TrainingError(
      `This model has no layer “${unknown}” to keep exact.`,
      `Layers that can be kept in fewer bits: ${approximableLayers(program).join(', ') || 'none'}.`,
    );
  const bits = codeBits[activationBits];
  return bits === undefined ? program : approximateActivations(program, { bits, exact });
}

/** Where a threshold starts: σ(−7) = 0.0009, below which no element matters. */
const THRESHOLD_START = -7;
/** Where a threshold ends that only its penalty moves: σ(−2) = 0.12. */
const THRESHOLD_END = -2;
/** λ of the penalty λ/2·s²: the weight decay of the paper's public code. */
const THRESHOLD_DECAY = 1e-5;

/**
 * The rate at which thresholds get from start to end within `steps`. It depends on the optimiser: Adam moves a parameter by about
 * the learning rate in every step, whatever its gradient; Adagrad by the learning rate over √t; SGD in proportion to the gradient.
 */
function thresholdRule(optimizer: OptimizerId, learningRate: number, steps: number): ThresholdRule {
  const rise = THRESHOLD_END - THRESHOLD_START;
  const rates: Readonly<Record<OptimizerId, number>> = {
    adam: rise / (learningRate * steps),
    amsgrad: rise / (learningRate * steps),
    adagrad: rise / (2 * learningRate * Math.sqrt(steps)),
    sgd: Math.sqrt(Math.log(THRESHOLD_START / THRESHOLD_END) / (learningRate * THRESHOLD_DECAY * steps)),
  };
  return { start: THRESHOLD_START, rate: rates[optimizer], decay: THRESHOLD_DECAY };
}
