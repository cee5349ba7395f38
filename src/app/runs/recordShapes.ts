import * as v from 'valibot';
import { anyNumber, resultShape, settingsShape } from '../../training/events/shapes.ts';
import { finite } from '../../validation/shape.ts';
import type { QueuedRun } from './requestedRun.ts';
import type { RunRecord } from './runRecord.ts';

const curveShape = v.looseObject({ steps: v.array(finite), values: v.array(anyNumber) });

/** A run that is over, as it may come back from a browser's storage. */
export const recordShape = v.looseObject({
  id: v.string(),
  name: v.string(),
  datasetKey: v.string(),
  createdAt: finite,
  asked: settingsShape,
  result: resultShape,
  trainLoss: curveShape,
  validationLoss: curveShape,
  comparison: v.optional(v.string()),
  madeOf: v.optional(v.string()),
}) satisfies v.GenericSchema<unknown, RunRecord>;

/** A run that waits, as it may come back from a browser's storage. */
export const queuedShape = v.looseObject({
  id: v.string(),
  name: v.string(),
  settings: settingsShape,
  datasetKey: v.string(),
  compression: v.optional(
    v.looseObject({
      from: v.string(),
      by: v.picklist(['truncate', 'quantise', 'hash']),
      budget: finite,
      fineTuneSteps: finite,
    }),
  ),
  queued: v.looseObject({
    order: finite,
    comparison: v.nullable(v.string()),
    datasetName: v.string(),
    sample: v.nullable(v.picklist(['clicks', 'ratings'])),
  }),
}) satisfies v.GenericSchema<unknown, QueuedRun>;
