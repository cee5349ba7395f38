import type { Op, OpKind } from '../../program/op.ts';
import type { Program, Section } from '../../program/program.ts';
import { DispatchBuilder, type OpLowering } from './dispatchBuilder.ts';
import type { Dispatch } from './kernel.ts';
import { gatherCodes, updateCodes } from './ops/codes.ts';
import { combine, combineBackward, gather, locate } from './ops/embedding.ts';
import { embeddingUpdate } from './ops/embeddingUpdate.ts';
import { hashEncode, putFields, readNumbers, takeFields } from './ops/fields.ts';
import { factoredUpdate, measureGradient, refineBasis } from './ops/gradient.ts';
import { interact, interactBackward } from './ops/interact.ts';
import { linear, linearBackwardInput, linearBackwardWeight } from './ops/linear.ts';
import {
  l2Penalty,
  loss,
  pairwiseLoss,
  recordLoss,
  recordPredictions,
  rescale,
  score,
  scoreBackward,
} from './ops/loss.ts';
import { denseUpdate } from './ops/optimizer.ts';
import { path, pathBackward } from './ops/path.ts';
import { project, projectBackwardInput } from './ops/project.ts';
import { projectBackwardWeight } from './ops/projectWeight.ts';
import { measureDeviations, quantise } from './ops/quantisedActivation.ts';
import { countSketch, rowNorms, srht } from './ops/sketch.ts';
import { freezeThresholds, prune, softThreshold, softThresholdBackward } from './ops/sparsity.ts';
import { tensorTrain, tensorTrainBackward } from './ops/tensorTrain.ts';
import type { Tuning } from './tuning.ts';

const lowerings: { readonly [K in OpKind]: OpLowering<K> } = {
  'read-numbers': readNumbers,
  linear,
  'linear-backward-input': linearBackwardInput,
  'linear-backward-weight': linearBackwardWeight,
  'measure-deviations': measureDeviations,
  quantise,
  locate,
  gather,
  project,
  'project-backward-input': projectBackwardInput,
  'project-backward-weight': projectBackwardWeight,
  combine,
  'combine-backward': combineBackward,
  'tensor-train': tensorTrain,
  'tensor-train-backward': tensorTrainBackward,
  path,
  'path-backward': pathBackward,
  'hash-encode': hashEncode,
  'put-fields': putFields,
  'take-fields': takeFields,
  interact,
  'interact-backward': interactBackward,
  score,
  'score-backward': scoreBackward,
  rescale,
  loss,
  'pairwise-loss': pairwiseLoss,
  'l2-penalty': l2Penalty,
  'record-loss': recordLoss,
  'record-predictions': recordPredictions,
  'refine-basis': refineBasis,
  'measure-gradient': measureGradient,
  'dense-update': denseUpdate,
  'factored-update': factoredUpdate,
  'embedding-update': embeddingUpdate,
  prune,
  'soft-threshold': softThreshold,
  'soft-threshold-backward': softThresholdBackward,
  'freeze-thresholds': freezeThresholds,
  'gather-codes': gatherCodes,
  'update-codes': updateCodes,
  'count-sketch': countSketch,
  srht,
  'row-norms': rowNorms,
};

/** The dispatches of an op: a number that depends on no field count and no table size. */
export function lowerOp(op: Op, builder: DispatchBuilder): readonly Dispatch[] {
  const lower = lowerings[op.kind] as (op: Op, builder: DispatchBuilder) => readonly Dispatch[];
  return lower(op, builder);
}

/** The dispatches of a program's sections, and what they share. Pure. */
export function lowerProgram(program: Program, tuning: Tuning) {
  const builder = new DispatchBuilder(tuning);
  for (const tensor of program.tensors)
    if (tensor.role === 'constant' && !tensor.base) builder.placeTensor(tensor);
  const lower = (section: Section) => program.sections[section].flatMap((op) => lowerOp(op, builder));
  const dispatches: Readonly<Record<Section, readonly Dispatch[]>> = {
    train: lower('train'),
    evaluate: lower('evaluate'),
    prune: lower('prune'),
  };
  return { builder, dispatches };
}
