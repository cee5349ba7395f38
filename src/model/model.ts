import { ProgramBuilder } from '../program/builder.ts';
import { LOSS_SLOTS, type Program } from '../program/program.ts';
import { areOwnRows } from '../program/lookup.ts';
import type { Tensor } from '../program/tensor.ts';
import { buildDlrm } from './dlrm.ts';
import { buildMatrixFactorization } from './matrixFactorization.ts';
import { placeFields, type Placement } from './placeFields.ts';
import { buildNcf } from './ncf.ts';
import type { ModelContext, ModelForward, ModelSpec } from './spec.ts';
import type { ModelId } from '../settings/settings.ts';
import { type BatchData, LONG_SEGMENT, type Loss } from '../program/operand.ts';

export type { ModelSpec } from './spec.ts';

const builders: Readonly<Record<ModelId, (context: ModelContext) => ModelForward>> = {
  dlrm: buildDlrm,
  mf: buildMatrixFactorization,
  ncf: buildNcf,
};

/** Whether every id has a bias beside its vector. */
export function hasBiases(model: ModelId): boolean {
  return model === 'mf';
}

function labelLoss({ model, ranking, regression }: ModelSpec): Loss {
  const isClick = model === 'dlrm' && !regression;
  return isClick || ranking ? 'log-loss' : 'squared-error';
}

/** The whole training and evaluation program of a model under an allocation. */
export function buildModel(spec: ModelSpec): Program {
  const builder = new ProgramBuilder();
  const { model, ranking } = spec;
  const placement =
    spec.placement ?? placeFields(spec.allocation, spec.cardinalities, spec.tableInit, hasBiases(model));
  const data = declareData(builder, spec, placement);
  const context: ModelContext = { spec, builder, data, placement };
  const { prediction, backward } = builders[model](context);

  const { batch } = spec;
  const exampleLoss = builder.tensor('loss.examples', 'activation', [batch], { layer: 'loss' });
  const dPrediction = builder.tensor('loss.dPrediction', 'gradient', [batch, 1], { layer: 'loss' });
  const losses = builder.tensor('loss.history', 'metric', [LOSS_SLOTS], { layer: 'loss' });
  const predictions = builder.tensor('evaluation.predictions', 'metric', [spec.evaluationSlots, batch], {
    layer: 'evaluation',
  });
  const ends = { prediction, dPrediction, exampleLoss };
  if (ranking?.loss === 'bpr')
    builder.op({ kind: 'pairwise-loss', negatives: ranking.negatives, ...ends }, 'train');
  else builder.op({ kind: 'loss', loss: labelLoss(spec), data, ...ends }, 'train');
  builder.op({ kind: 'record-loss', exampleLoss, losses }, 'train');
  builder.op({ kind: 'record-predictions', prediction, predictions }, 'evaluate');
  backward(dPrediction);
  return {
    batch,
    tensors: builder.tensors,
    sections: builder.sections,
    data,
    losses,
    predictions,
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
      occurrences: builder.tensor('data.rowIndex.occurrences', 'data', [trainSlots, occurrences], u32),
      starts: builder.tensor('data.rowIndex.starts', 'data', [trainSlots, occurrences + 1], u32),
      long: builder.tensor('data.rowIndex.long', 'data', [trainSlots, longest], u32),
    },
  };
}
