import * as v from 'valibot';
import type { CompressionWayId } from '../../compression/afterTraining.ts';
import type { Task } from '../../data/dataset.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { TestReport } from '../../metrics/testReport.ts';
import { type AllocatedBytes, noBytes } from '../../program/memory.ts';
import { type BackendId, type MethodId, methodLabels, type Settings } from '../../settings/settings.ts';
import { validateRunSettings } from '../../settings/settingsCodec.ts';
import { count, finite, oneOf } from '../../validation/shape.ts';
import type { AllocationSummary, EndReason, ResolvedSettings, RunResult } from './events.ts';

/** What is stored of an allocation, as it may come back from a file or a browser's storage. */
export const allocationShape = v.looseObject({
  method: oneOf<MethodId>(methodLabels),
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
}) satisfies v.GenericSchema<unknown, AllocationSummary>;

/** Settings that came after the version that stored them have their defaults. */
export const settingsShape = v.pipe(
  v.custom<object>((value) => {
    const { errors, unknown } = validateRunSettings(value);
    return typeof value === 'object' && value !== null && errors.length === 0 && unknown.length === 0;
  }, 'settings of this version'),
  v.transform((value): Settings => validateRunSettings(value).settings),
);

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** NaN too: the AUC of a split with one class, or the time of no step. */
export const anyNumber = v.custom<number>(isNumber, 'a number');
const metricsShape = v.optional(
  v.custom<Metrics>(
    (value) => typeof value === 'object' && value !== null && Object.values(value).every(isNumber),
    'metrics',
  ),
);
/** Metrics by split, as they may come back from a file or a browser's storage. */
export const splitMetricsShape = v.looseObject({
  train: metricsShape,
  validation: metricsShape,
  test: metricsShape,
});

const intervalShape = v.optional(v.looseObject({ low: anyNumber, high: anyNumber }));
const intervalsShape = v.looseObject({
  auc: intervalShape,
  logLoss: intervalShape,
  mse: intervalShape,
  rmse: intervalShape,
  ndcg: intervalShape,
  recall: intervalShape,
});

const reportedShape = v.looseObject({ value: anyNumber, low: anyNumber, high: anyNumber });

const reportShape = v.union([
  v.looseObject({
    examples: count,
    baseRate: anyNumber,
    normalizedEntropy: reportedShape,
    calibration: reportedShape,
    accuracy: reportedShape,
    calibrationError: anyNumber,
    reliability: v.array(
      v.looseObject({
        examples: count,
        predicted: anyNumber,
        observed: anyNumber,
        interval: v.looseObject({ low: anyNumber, high: anyNumber }),
      }),
    ),
    perUser: v.optional(
      v.looseObject({ column: v.string(), auc: anyNumber, groups: count, examples: count }),
    ),
  }),
  v.looseObject({ examples: count, meanLabel: anyNumber, meanAbsoluteError: reportedShape }),
]) satisfies v.GenericSchema<unknown, TestReport>;

/** A use that came later took nothing. */
const use = v.optional(count, 0);
const bytesShape = v.looseObject(
  Object.fromEntries([...Object.keys(noBytes()), 'checkpoint'].map((name) => [name, use])) as Record<
    keyof AllocatedBytes,
    typeof use
  >,
);

const backendShape = oneOf<BackendId>({ cpu: 0, webgpu: 0 });

/** Ways to compress a model after training. */
export const wayShape = oneOf<CompressionWayId>({ truncate: 0, quantise: 0, hash: 0 });

/** The result of a run as it may come back from a browser's storage. */
export const resultShape = v.looseObject({
  settings: v.pipe(
    settingsShape,
    v.transform((settings) => settings as ResolvedSettings),
  ),
  datasetName: v.string(),
  task: oneOf<Task>({ click: 0, rating: 0, ranking: 0 }),
  reason: oneOf<EndReason>({ completed: 0, 'early-stopped': 0, stopped: 0, diverged: 0, failed: 0 }),
  message: v.optional(v.string()),
  allocation: allocationShape,
  floatMetrics: v.optional(splitMetricsShape),
  stored: v.optional(v.looseObject({ nonZeros: v.optional(finite), parameters: finite })),
  otherParameters: finite,
  bytes: bytesShape,
  askedBytes: finite,
  peakBytes: finite,
  exactBytes: v.optional(bytesShape),
  metrics: splitMetricsShape,
  testIntervals: v.optional(intervalsShape),
  testReport: v.optional(reportShape),
  bestStep: count,
  stages: v.optional(
    v.array(
      v.looseObject({
        allocation: allocationShape,
        bytes: bytesShape,
        step: count,
        metrics: splitMetricsShape,
      }),
    ),
  ),
  steps: count,
  msPerStep: anyNumber,
  seconds: anyNumber,
  backend: backendShape,
  adapter: v.string(),
  trainedOn: v.optional(
    v.array(v.looseObject({ afterStep: count, backend: backendShape, adapter: v.string() })),
  ),
  compressed: v.optional(
    v.looseObject({
      by: wayShape,
      budget: finite,
      lostEnergy: anyNumber,
      steps: count,
    }),
  ),
}) satisfies v.GenericSchema<unknown, RunResult>;
