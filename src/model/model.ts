import type { Allocation } from '../compression/allocation.ts';
import { ProgramBuilder } from '../program/builder.ts';
import {
  type BatchData,
  HISTOGRAM_BINS,
  LONG_SEGMENT,
  type Loss,
  type Optimizer,
} from '../program/operand.ts';
import { LOSS_SLOTS, type Program } from '../program/program.ts';
import { areOwnRows } from '../program/lookup.ts';
import type { Tensor } from '../program/tensor.ts';
import type { ModelId, TableInit } from '../settings/settings.ts';
import { buildDlrm } from './dlrm.ts';
import { placeFields, type Placement } from './placeFields.ts';
import { buildMatrixFactorization } from './matrixFactorization.ts';
import type { ThresholdRule } from './sparsity.ts';

/** Everything that decides a program. Same spec, same program. */
export interface ModelSpec {
  readonly model: ModelId;
  /** Rows per categorical field. */
  readonly cardinalities: readonly number[];
  readonly numericColumns: number;
  /** Mean training label: μ of matrix factorisation. */
  readonly labelMean: number;
  /** u32[rows, 2] of the fields that are looked up by them, one field after the other; if there are any. */
  readonly signatures?: Uint32Array | undefined;
  /** Integer dims. */
  readonly allocation: Allocation;
  /** Hidden widths; D is appended to the bottom, 1 to the top. Unused by matrix factorisation. */
  readonly bottomMlp: readonly number[];
  readonly topMlp: readonly number[];
  readonly tableInit: TableInit;
  readonly optimizer: Optimizer;
  /** Of what is drawn while it trains: how codes are rounded. */
  readonly seed?: number;
  /** Where fields learn thresholds. */
  readonly threshold?: ThresholdRule;
  /** Weight w of mean_b Σ_f ‖e_f‖²; matrix factorisation only. */
  readonly l2: number;
  /** B: examples in a step. */
  readonly batch: number;
  /** Batch slots with an update plan, and all of them (evaluation slots come last). */
  readonly trainSlots: number;
  readonly dataSlots: number;
  /** Rows of the `sums` tensor: batches of the largest split that is evaluated. */
  readonly evaluationSlots: number;
}

/** What every model is built with: the data it reads and the builder it adds to. */
export interface ModelContext {
  readonly spec: ModelSpec;
  readonly builder: ProgramBuilder;
  readonly data: BatchData;
  readonly placement: Placement;
}

/** A model's contribution: its prediction and, once the loss has run, what continues backward. */
export interface ModelForward {
  readonly prediction: Tensor; // [B, 1]
  /** Appends the ops from the prediction's gradient to the last optimiser update. */
  backward(dPrediction: Tensor): void;
}

/** The whole training and evaluation program of a model under an allocation. */
export function buildModel(spec: ModelSpec): Program {
  const builder = new ProgramBuilder();
  const rating = spec.model === 'mf';
  const placement = placeFields(spec.allocation, spec.cardinalities, spec.tableInit, rating);
  const data = declareData(builder, spec, placement);
  const context: ModelContext = { spec, builder, data, placement };
  const loss: Loss = rating ? 'squared-error' : 'log-loss';
  const { prediction, backward } = rating ? buildMatrixFactorization(context) : buildDlrm(context);

  const { batch } = spec;
  const exampleLoss = builder.tensor('loss.examples', 'activation', [batch], { layer: 'loss' });
  const dPrediction = builder.tensor('loss.dPrediction', 'gradient', [batch, 1], { layer: 'loss' });
  const losses = builder.tensor('loss.history', 'metric', [LOSS_SLOTS], { layer: 'loss' });
  const sums = builder.tensor('metrics.sums', 'metric', [spec.evaluationSlots, 4], { layer: 'metrics' });
  const histogram = builder.tensor('metrics.histogram', 'metric', [2, HISTOGRAM_BINS], {
    type: 'u32',
    layer: 'metrics',
  });
  builder.op({ kind: 'loss', loss, data, prediction, dPrediction, exampleLoss }, 'train', 'evaluate');
  builder.op({ kind: 'record-loss', exampleLoss, losses }, 'train');
  builder.op(
    { kind: 'accumulate-metrics', loss, data, prediction, exampleLoss, sums, histogram },
    'evaluate',
  );
  backward(dPrediction);
  return {
    batch,
    tensors: builder.tensors,
    sections: builder.sections,
    data,
    losses,
    sums,
    histogram,
    prediction,
  };
}

function declareSignatures(builder: ProgramBuilder, values: Uint32Array): Tensor {
  return builder.tensor('embedding.signatures', 'parameter', [values.length / 2, 2], {
    type: 'u32',
    layer: 'embedding',
    initial: { kind: 'values', values },
  });
}

function declareData(builder: ProgramBuilder, spec: ModelSpec, { lookups }: Placement): BatchData {
  const { batch, trainSlots, dataSlots, numericColumns, cardinalities } = spec;
  const occurrences = batch * lookups.length;
  const layer = 'data';
  const u32 = { type: 'u32', layer } as const;
  const longest = Math.floor(occurrences / LONG_SEGMENT) + 1;
  const ids = builder.tensor('data.ids', 'data', [dataSlots, batch, cardinalities.length], u32);
  const rows =
    lookups.length === 0 || areOwnRows(lookups, cardinalities)
      ? ids
      : builder.tensor('embedding.rows', 'activation', [batch, lookups.length], {
          type: 'u32',
          layer: 'embedding',
        });
  return {
    ids,
    lookups,
    rows,
    signatures: spec.signatures && declareSignatures(builder, spec.signatures),
    numbers:
      numericColumns > 0
        ? builder.tensor('data.numbers', 'data', [dataSlots, batch, numericColumns], { layer })
        : undefined,
    labels: builder.tensor('data.labels', 'data', [dataSlots, batch], { layer }),
    rowIndex: {
      occurrences: builder.tensor('data.plan.occurrences', 'data', [trainSlots, occurrences], u32),
      starts: builder.tensor('data.plan.starts', 'data', [trainSlots, occurrences + 1], u32),
      long: builder.tensor('data.plan.long', 'data', [trainSlots, longest], u32),
    },
  };
}
