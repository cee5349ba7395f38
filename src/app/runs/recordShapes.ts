import * as v from 'valibot';
import type { SampleId } from '../../data/load.ts';
import { anyNumber, resultShape, settingsShape, wayShape } from '../../training/events/shapes.ts';
import { finite, oneOf } from '../../validation/shape.ts';
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
      by: wayShape,
      budget: finite,
      fineTuneSteps: finite,
    }),
  ),
  queued: v.looseObject({
    order: finite,
    comparison: v.nullable(v.string()),
    datasetName: v.string(),
    sample: v.nullable(oneOf<SampleId>({ clicks: 0, ratings: 0 })),
  }),
}) satisfies v.GenericSchema<unknown, QueuedRun>;
