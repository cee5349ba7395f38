import { FlatTensors } from '../program/builder.ts';
import { declareDense, denseUpdate } from './dense.ts';
import { bindEmbedding, declareEmbedding, embeddingBackward, embeddingForward } from './embedding.ts';
import { declareMlp, type Mlp, mlpBackward, mlpForward } from './mlp.ts';
import type { ModelContext, ModelForward } from './spec.ts';

/**
 * Neural collaborative filtering, He et al. 2017, arXiv 1708.05031, in the variant of Ginart et al. 2019: the vectors of user and item
 * side by side go through an MLP, [e_user, e_item] → 128 → 128 → 32 → 1. The penalty w·mean_b Σ_f ‖e_f‖² is that of matrix
 * factorisation.
 */
export function buildNcf({ spec, builder, data, placement }: ModelContext): ModelForward {
  const { batch, allocation, optimizer, cardinalities, ncfMlp = [] } = spec;
  const fields = cardinalities.length;
  const { baseDim } = allocation;
  const width = fields * baseDim;
  const mlp: Mlp = { name: 'ncf', widths: [width, ...ncfMlp, 1], lastActivation: 'none' };

  const dense = new FlatTensors();
  const declared = declareEmbedding(builder, dense, placement, baseDim, spec.tableInit, spec.threshold);
  declareMlp(dense, mlp);
  const denseParameters = declareDense(builder, dense);
  const { parameters, gradients, flat, dFlat } = denseParameters;
  const embedding = bindEmbedding(builder, declared, denseParameters);

  const forward = embeddingForward(builder, data, embedding, batch);
  const { vectors } = forward;
  const x = builder.view('ncf.input', vectors.base ?? vectors, vectors.offset, [batch, width]);
  const mlpOut = mlpForward(builder, mlp, x, parameters);

  function backward(dPrediction: ModelForward['prediction']): void {
    const layer = 'embedding';
    const dVectors = builder.tensor('embedding.dVectors', 'gradient', vectors.shape, { layer });
    const dInput = builder.view('ncf.dInput', dVectors, 0, x.shape);
    mlpBackward(builder, mlpOut, dPrediction, parameters, gradients, dInput);
    builder.op({ kind: 'l2-penalty', vectors, dVectors, weight: spec.l2 }, 'train');
    embeddingBackward(builder, data, embedding, forward, dVectors, optimizer, spec.seed ?? 0);
    denseUpdate(builder, flat, dFlat, optimizer);
  }
  return { prediction: mlpOut.activations.at(-1)!, backward };
}
