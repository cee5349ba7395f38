import { FlatTensors } from '../program/builder.ts';
import { declareDense, denseUpdate } from './dense.ts';
import {
  bindEmbedding,
  declareEmbedding,
  embeddingBackward,
  embeddingForward,
  embeddingUpdate,
} from './embedding.ts';
import { layoutEmbedding } from './layoutEmbedding.ts';
import type { ModelContext, ModelForward } from './spec.ts';

/**
 * Matrix factorisation, Koren, Bell & Volinsky 2009: score = μ + Σ_f b_f + ⟨e_user, e_item⟩. The loss is the squared error and a
 * penalty w·mean_b(‖e_user‖² + ‖e_item‖²) on the projected vectors. μ is the mean of training labels and fixed; biases have no
 * penalty. With more than two fields the dot products of all pairs are added up, which is the factorisation machine of Rendle 2010.
 */
export function buildMatrixFactorization({ spec, builder, data, placement }: ModelContext): ModelForward {
  const { batch, allocation, optimizer, labelMean: mean, cardinalities } = spec;
  const fields = cardinalities.length;
  const { baseDim } = allocation;

  const dense = new FlatTensors();
  const declared = declareEmbedding(builder, dense, placement, baseDim, spec.tableInit, spec.threshold);
  const denseParameters = dense.elements > 0 ? declareDense(builder, dense) : undefined;
  const embedding = bindEmbedding(builder, declared, denseParameters);

  const { lookups, biasLookups } = placement;
  const biasBlocks = cardinalities.map((rows, field) => ({
    lookup: biasLookups[field],
    firstId: 0,
    rows,
    dim: 1,
    projected: false,
  }));
  const biasLayout = layoutEmbedding(builder, 'bias', lookups.length, 1, biasBlocks);
  const biasTables = builder.tensor('bias.tables', 'parameter', [biasLayout.tableElements], {
    layer: 'bias',
  });

  const vectors = embeddingForward(builder, data, embedding, batch);
  const pairs = (fields * (fields - 1)) / 2;
  const dots = builder.tensor('dots', 'activation', [batch, pairs], { layer: 'score' });
  builder.op(
    { kind: 'interact', bottom: undefined, vectors: vectors.vectors, out: dots },
    'train',
    'evaluate',
  );
  const biases = builder.tensor('bias.gathered', 'activation', [batch, fields], { layer: 'bias' });
  builder.op(
    { kind: 'gather', data, layout: biasLayout, tables: biasTables, gathered: biases },
    'train',
    'evaluate',
  );
  const score = builder.tensor('score', 'activation', [batch, 1]);
  builder.op({ kind: 'score', dots, biases, mean, out: score }, 'train', 'evaluate');

  function backward(dScore: ModelForward['prediction']): void {
    const layer = 'embedding';
    const dDots = builder.tensor('dots.gradient', 'gradient', [batch, pairs], { layer: 'score' });
    const dBiases = builder.tensor('bias.dGathered', 'gradient', [batch, fields], { layer: 'bias' });
    builder.op({ kind: 'score-backward', dScore, dDots, dBiases }, 'train');
    const dVectors = builder.tensor('embedding.dVectors', 'gradient', [batch, fields, baseDim], { layer });
    builder.op(
      {
        kind: 'interact-backward',
        bottom: undefined,
        vectors: vectors.vectors,
        dOut: dDots,
        dBottom: undefined,
        dVectors,
        mask: undefined,
      },
      'train',
    );
    builder.op({ kind: 'l2-penalty', vectors: vectors.vectors, dVectors, weight: spec.l2 }, 'train');
    embeddingBackward(builder, data, embedding, vectors, dVectors, optimizer, spec.seed ?? 0);
    embeddingUpdate(builder, data, biasLayout, biasTables, dBiases, optimizer);
    if (denseParameters) denseUpdate(builder, denseParameters.flat, denseParameters.dFlat, optimizer);
  }
  return { prediction: score, backward };
}
