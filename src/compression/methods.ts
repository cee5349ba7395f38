import { type MethodId, methodLabels } from '../settings/settings.ts';
import { chineseRemainder } from './chineseRemainder.ts';
import { deepHash } from './deepHash.ts';
import { frequencySplit } from './frequencySplit.ts';
import { full } from './full.ts';
import { hashedNet } from './hashedNet.ts';
import { hashing } from './hashing.ts';
import { int4, int8 } from './lowPrecision.ts';
import { lma } from './lma.ts';
import { lowRank } from './lowRank.ts';
import type { Method } from './method.ts';
import { mixedDimension } from './mixedDimension.ts';
import { mixedRadix } from './mixedRadix.ts';
import { path } from './path.ts';
import { pep } from './pep.ts';
import { prune } from './prune.ts';
import { quotientRemainder } from './quotientRemainder.ts';
import { robe } from './robe.ts';
import { tensorTrain } from './tensorTrain.ts';
import { uniform } from './uniform.ts';

const byId: Readonly<Record<MethodId, Method>> = {
  full,
  uniform,
  'low-rank': lowRank,
  'mixed-dimension': mixedDimension,
  hashing,
  'quotient-remainder': quotientRemainder,
  'mixed-radix': mixedRadix,
  'chinese-remainder': chineseRemainder,
  path,
  'hashed-net': hashedNet,
  robe,
  lma,
  'deep-hash': deepHash,
  'frequency-split': frequencySplit,
  prune,
  pep,
  'tensor-train': tensorTrain,
  int8,
  int4,
};

export const methods = Object.fromEntries(
  Object.entries(byId).map(([id, method]) => [
    id,
    Object.assign({ label: methodLabels[id as MethodId] }, method),
  ]),
) as Readonly<Record<MethodId, Method & { readonly label: string }>>;
