import * as v from 'valibot';
import { type MethodId, methodLabels } from '../../settings/settings.ts';
import { count, finite } from '../../validation/shape.ts';
import type { AllocationSummary } from './events.ts';

/** What is stored of an allocation, as it may come back from a file or a browser's storage. */
export const allocationShape = v.looseObject({
  method: v.picklist(Object.keys(methodLabels) as MethodId[]),
  alpha: finite,
  baseDim: count,
  dims: v.array(finite),
  embeddingParameters: count,
  projectionParameters: count,
  parameters: count,
  trainedParameters: v.optional(count),
  nonZeros: v.optional(count),
  paperParameters: finite,
  budget: v.nullable(finite),
}) satisfies v.GenericSchema<AllocationSummary>;
