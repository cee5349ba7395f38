import type { Op, OpKind } from '../../../program/op.ts';
import type { Dispatch } from '../kernel.ts';
import type { OpLowering, DispatchBuilder } from '../dispatchBuilder.ts';
import { gatherCodes, updateCodes } from './codes.ts';
import { combine, combineBackward, gather, locate } from './embedding.ts';
import { factoredUpdate, measureGradient, refineBasis } from './gradient.ts';
import { hashEncode, putFields, takeFields } from './decoded.ts';
import { interact, interactBackward } from './interact.ts';
import { linear, linearBackwardInput, linearBackwardWeight } from './linear.ts';
import { accumulateMetrics, l2Penalty, loss, readNumbers, recordLoss, score, scoreBackward } from './loss.ts';
import { denseUpdate, embeddingUpdate } from './optimizer.ts';
import { measureDeviations, quantise } from './quantisedActivation.ts';
import { prune } from './prune.ts';
import { path, pathBackward } from './path.ts';
import { project, projectBackwardInput } from './project.ts';
import { projectBackwardWeight } from './projectWeight.ts';
import { countSketch, rowNorms, srht } from './sketch.ts';
import { tensorTrain, tensorTrainBackward } from './tensorTrain.ts';
import { freezeThresholds, softThreshold, softThresholdBackward } from './threshold.ts';

const planners: { readonly [K in OpKind]: OpLowering<K> } = {
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
  loss,
  'l2-penalty': l2Penalty,
  'record-loss': recordLoss,
  'accumulate-metrics': accumulateMetrics,
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
export function planOp(op: Op, planner: DispatchBuilder): readonly Dispatch[] {
  const plan = planners[op.kind] as (op: Op, planner: DispatchBuilder) => readonly Dispatch[];
  return plan(op, planner);
}
