import type { Op, OpKind } from '../../program/op.ts';
import { gatherCodes, updateCodes } from './codes.ts';
import {
  combine,
  combineBackward,
  gather,
  locate,
  project,
  projectBackwardInput,
  projectBackwardWeight,
} from './embedding.ts';
import { hashEncode, putFields, readNumbers, takeFields } from './fields.ts';
import { factoredUpdate, measureGradient, refineBasis } from './gradient.ts';
import { interact, interactBackward } from './interact.ts';
import { linear, linearBackwardInput, linearBackwardWeight } from './linear.ts';
import {
  l2Penalty,
  loss,
  pairwiseLoss,
  recordLoss,
  recordPredictions,
  rescale,
  score,
  scoreBackward,
} from './loss.ts';
import type { BoundOp, Memory, OpBinder } from './memory.ts';
import { denseUpdate, embeddingUpdate } from './optimizer.ts';
import { path, pathBackward } from './path.ts';
import { measureDeviations, quantise } from './quantisedActivation.ts';
import { rowNorms, tableSketch } from './sketch.ts';
import { freezeThresholds, prune, softThreshold, softThresholdBackward } from './sparsity.ts';
import { tensorTrain, tensorTrainBackward } from './tensorTrain.ts';

const binders: { readonly [K in OpKind]: OpBinder<K> } = {
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
  'count-sketch': tableSketch,
  srht: tableSketch,
  'row-norms': rowNorms,
};

export function compileOp(op: Op, memory: Memory): BoundOp {
  const bind = binders[op.kind] as (op: Op, memory: Memory) => BoundOp;
  return bind(op, memory);
}
