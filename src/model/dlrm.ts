import { FlatTensors, type ProgramBuilder } from '../program/builder.ts';
import type { Tensor } from '../program/tensor.ts';
import { declareDense, denseUpdate } from './dense.ts';
import { bindEmbedding, declareEmbedding, embeddingBackward, embeddingForward } from './embedding.ts';
import { declareMlp, type Mlp, mlpBackward, mlpForward } from './mlp.ts';
import type { LabelScale, ModelContext, ModelForward } from './spec.ts';

/**
 * DLRM, Naumov et al. 2019, arXiv 1906.00091: a bottom MLP on the numbers, embeddings of the categories, dot products of every pair,
 * and a top MLP. Without numeric columns there is no bottom MLP, and the top MLP reads the dot products alone.
 */
export function buildDlrm({ spec, builder, data, placement }: ModelContext): ModelForward {
  const { batch, allocation, optimizer } = spec;
  const fields = spec.cardinalities.length;
  const { baseDim } = allocation;
  const hasBottom = data.numbers !== undefined;
  const vectorsCount = fields + (hasBottom ? 1 : 0);
  const interactions = (hasBottom ? baseDim : 0) + (vectorsCount * (vectorsCount - 1)) / 2;
  const bottom: Mlp = {
    name: 'bottom',
    widths: [spec.numericColumns, ...spec.bottomMlp, baseDim],
    lastActivation: 'relu',
  };
  const top: Mlp = { name: 'top', widths: [interactions, ...spec.topMlp, 1], lastActivation: 'none' };

  const dense = new FlatTensors();
  const declared = declareEmbedding(builder, dense, placement, baseDim, spec.tableInit, spec.threshold);
  if (hasBottom) declareMlp(dense, bottom);
  declareMlp(dense, top);
  const denseParameters = declareDense(builder, dense);
  const { parameters, gradients, flat, dFlat } = denseParameters;
  const embedding = bindEmbedding(builder, declared, denseParameters);

  const vectors = embeddingForward(builder, data, embedding, batch);
  const bottomForward = hasBottom ? runBottom() : undefined;
  const bottomOut = bottomForward?.activations.at(-1);
  const interaction = builder.tensor('interaction', 'activation', [batch, interactions]);
  const forward = { bottom: bottomOut, vectors: vectors.vectors };
  builder.op({ kind: 'interact', ...forward, out: interaction }, 'train', 'evaluate');
  const topForward = mlpForward(builder, top, interaction, parameters);

  function runBottom() {
    const x = builder.tensor('numbers', 'activation', [batch, spec.numericColumns], { layer: 'bottom.0' });
    builder.op({ kind: 'read-numbers', data, out: x }, 'train', 'evaluate');
    return mlpForward(builder, bottom, x, parameters);
  }

  function backward(dLogit: ModelForward['prediction']): void {
    const dOut = mlpBackward(builder, topForward, dLogit, parameters, gradients, true)!;
    const dVectors = builder.tensor('embedding.dVectors', 'gradient', [batch, fields, baseDim], {
      layer: 'embedding',
    });
    const dBottom = bottomOut && builder.tensor('bottom.dOut', 'gradient', bottomOut.shape);
    builder.op({ kind: 'interact-backward', ...forward, dOut, dBottom, dVectors, mask: bottomOut }, 'train');
    embeddingBackward(builder, data, embedding, vectors, dVectors, optimizer, spec.seed ?? 0);
    if (bottomForward) mlpBackward(builder, bottomForward, dBottom!, parameters, gradients, false);
    denseUpdate(builder, flat, dFlat, optimizer);
  }
  const logit = topForward.activations.at(-1)!;
  return spec.regression
    ? predictNumbers(builder, logit, spec.regression, backward)
    : { prediction: logit, backward };
}

/**
 * prediction = mean + deviation·z. What training descends is loss/deviation², the squared error of standardised labels, so that
 * neither a learning rate nor an initial weight depends on the unit that labels are written in.
 */
function predictNumbers(
  builder: ProgramBuilder,
  z: Tensor,
  { mean, deviation }: LabelScale,
  backward: ModelForward['backward'],
): ModelForward {
  const prediction = builder.tensor('prediction', 'activation', z.shape);
  builder.op(
    { kind: 'rescale', x: z, factor: deviation, offset: mean, out: prediction },
    'train',
    'evaluate',
  );
  return {
    prediction,
    backward(dPrediction) {
      const dZ = builder.tensor('prediction.dInput', 'gradient', z.shape);
      builder.op({ kind: 'rescale', x: dPrediction, factor: 1 / deviation, offset: 0, out: dZ }, 'train');
      backward(dZ);
    },
  };
}
