import type { Op, OpKind } from '../../../program/op.ts';
import { embeddingUpdate, gather } from './embedding.ts';
import { measureGradient } from './gradient.ts';
import { interact, interactBackward } from './interact.ts';
import { linear, linearBackwardInput, linearBackwardWeight } from './linear.ts';
import { l2Penalty } from './loss.ts';
import { denseUpdate } from './optimizer.ts';
import { measureDeviations, quantise } from './quantisedActivation.ts';
import { project, projectBackwardInput, projectBackwardWeight } from './project.ts';
import type { SimdOp } from './simdOp.ts';

const simdOps: { readonly [K in OpKind]?: SimdOp<K> } = {
  linear,
  'linear-backward-input': linearBackwardInput,
  'linear-backward-weight': linearBackwardWeight,
  'measure-deviations': measureDeviations,
  quantise,
  interact,
  'interact-backward': interactBackward,
  project,
  'project-backward-input': projectBackwardInput,
  'project-backward-weight': projectBackwardWeight,
  gather,
  'l2-penalty': l2Penalty,
  'embedding-update': embeddingUpdate,
  'measure-gradient': measureGradient,
  'dense-update': denseUpdate,
};

/** undefined: the op runs as plain loops. */
export function simdOpOf(op: Op): SimdOp<OpKind> | undefined {
  const simd = simdOps[op.kind] as SimdOp<OpKind> | undefined;
  return simd?.suits?.(op) === false ? undefined : simd;
}
