import type { OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, dispatch, uniformStruct } from '../kernel.ts';

const scoreKernel = {
  shader: 'score',
  variant: {},
  sizes: uniformStruct({
    ...counts('batch', 'pairs', 'fields'),
    mean: 'f32',
    ...counts('dotsAt', 'biasesAt', 'outAt'),
  }),
  buffers: bindings(1, { dots: 'read', biases: 'read', out: 'write' }),
};
const scoreBackwardKernel = {
  shader: 'score_backward',
  variant: {},
  sizes: uniformStruct(counts('batch', 'pairs', 'fields', 'dScoreAt', 'dDotsAt', 'dBiasesAt')),
  buffers: bindings(1, { dScore: 'read', dDots: 'write', dBiases: 'write' }),
};
const rescaleKernel = {
  shader: 'rescale',
  variant: {},
  sizes: uniformStruct({
    elements: 'u32',
    factor: 'f32',
    offset: 'f32',
    ...counts('xAt', 'outAt'),
  }),
  buffers: bindings(1, { x: 'read', out: 'write' }),
};
const lossKernel = {
  shader: 'loss',
  variant: {},
  sizes: uniformStruct(counts('batch', 'predictionAt', 'dPredictionAt', 'exampleLossAt')),
  buffers: bindings(1, { labels: 'read', prediction: 'read', dPrediction: 'write', exampleLoss: 'write' }),
};
const pairwiseLossKernel = {
  shader: 'pairwise_loss',
  variant: {},
  sizes: uniformStruct(counts('batch', 'negatives', 'predictionAt', 'dPredictionAt', 'exampleLossAt')),
  buffers: bindings(1, { prediction: 'read', dPrediction: 'write', exampleLoss: 'write' }),
};
const l2PenaltyKernel = {
  shader: 'l2_penalty',
  variant: {},
  sizes: uniformStruct({
    ...counts('elements', 'exampleElements'),
    twiceWeight: 'f32',
    ...counts('vectorsAt', 'dVectorsAt'),
  }),
  buffers: bindings(1, { vectors: 'read', dVectors: 'write' }),
};
const recordLossKernel = {
  shader: 'record_loss',
  variant: {},
  sizes: uniformStruct(counts('exampleLossAt', 'lossesAt')),
  buffers: bindings(1, { exampleLoss: 'read', losses: 'write' }),
};
const recordPredictionsKernel = {
  shader: 'record_predictions',
  variant: {},
  sizes: uniformStruct(counts('batch', 'predictionAt', 'predictionsAt')),
  buffers: bindings(1, { prediction: 'read', predictions: 'write' }),
};

export const score: OpLowering<'score'> = ({ dots, biases, mean, out }, builder) => {
  const [batch, pairs] = dots.shape;
  return [
    dispatch(`score ${out.name}`, scoreKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        batch,
        pairs,
        fields: biases.shape[1],
        mean,
        dotsAt: dots.offset,
        biasesAt: biases.offset,
        outAt: out.offset,
      },
      operands: { dots, biases, out },
      workgroups: builder.groupsFor(batch),
    }),
  ];
};

export const scoreBackward: OpLowering<'score-backward'> = ({ dScore, dDots, dBiases }, builder) => {
  const [batch, pairs] = dDots.shape;
  return [
    dispatch(`score-backward ${dDots.name}`, scoreBackwardKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        batch,
        pairs,
        fields: dBiases.shape[1],
        dScoreAt: dScore.offset,
        dDotsAt: dDots.offset,
        dBiasesAt: dBiases.offset,
      },
      operands: { dScore, dDots, dBiases },
      workgroups: builder.groupsFor(batch),
    }),
  ];
};

export const rescale: OpLowering<'rescale'> = ({ x, factor, offset, out }, builder) => {
  const [elements] = out.shape;
  return [
    dispatch(`rescale ${out.name}`, rescaleKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: { elements, factor, offset, xAt: x.offset, outAt: out.offset },
      operands: { x, out },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

export const loss: OpLowering<'loss'> = (op, builder) => {
  const { data, prediction, dPrediction, exampleLoss } = op;
  const batch = exampleLoss.shape[0];
  return [
    dispatch(`loss ${exampleLoss.name}`, lossKernel, {
      constants: { THREADS: builder.tuning.threads, LOG_LOSS: op.loss === 'log-loss' ? 1 : 0 },
      sizes: {
        batch,
        predictionAt: prediction.offset,
        dPredictionAt: dPrediction.offset,
        exampleLossAt: exampleLoss.offset,
      },
      operands: { labels: data.labels, prediction, dPrediction, exampleLoss },
      workgroups: builder.groupsFor(batch),
    }),
  ];
};

export const pairwiseLoss: OpLowering<'pairwise-loss'> = (op, builder) => {
  const { negatives, prediction, dPrediction, exampleLoss } = op;
  const batch = exampleLoss.shape[0];
  return [
    dispatch(`pairwise-loss ${exampleLoss.name}`, pairwiseLossKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        batch,
        negatives,
        predictionAt: prediction.offset,
        dPredictionAt: dPrediction.offset,
        exampleLossAt: exampleLoss.offset,
      },
      operands: { prediction, dPrediction, exampleLoss },
      workgroups: builder.groupsFor(batch),
    }),
  ];
};

export const l2Penalty: OpLowering<'l2-penalty'> = ({ vectors, dVectors, weight }, builder) => {
  const [batch, fields, baseDim] = vectors.shape;
  const exampleElements = fields * baseDim;
  const elements = batch * exampleElements;
  return [
    dispatch(`l2-penalty ${dVectors.name}`, l2PenaltyKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        elements,
        exampleElements,
        twiceWeight: 2 * weight,
        vectorsAt: vectors.offset,
        dVectorsAt: dVectors.offset,
      },
      operands: { vectors, dVectors },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

export const recordLoss: OpLowering<'record-loss'> = ({ exampleLoss, losses }) => [
  dispatch(`record-loss ${losses.name}`, recordLossKernel, {
    sizes: { exampleLossAt: exampleLoss.offset, lossesAt: losses.offset },
    operands: { exampleLoss, losses },
    workgroups: 1,
  }),
];

export const recordPredictions: OpLowering<'record-predictions'> = ({ prediction, predictions }, builder) => {
  const batch = predictions.shape[1];
  return [
    dispatch(`record-predictions ${predictions.name}`, recordPredictionsKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: { batch, predictionAt: prediction.offset, predictionsAt: predictions.offset },
      operands: { prediction, predictions },
      workgroups: builder.groupsFor(batch),
    }),
  ];
};
