import type { Array as JaxArray } from '@jax-js/jax';

type Jax = typeof import('@jax-js/jax');

// Trees of arrays must be type aliases: an interface has no index signature. What a model does not
// have is an empty list.
export type Layer = { weight: JaxArray /* [in, out] */; bias: JaxArray /* [out] */ };
export type Parameters = { tables: JaxArray[]; biases: JaxArray[]; bottom: Layer[]; top: Layer[] };
export type JaxBatch = {
  ids: JaxArray[]; // [stacks] × [B, fields]
  numbers: JaxArray[]; // at most one, [B, numeric columns]
  labels: JaxArray; // [B]
};
/**
 * Every gather is multiplied by an array of ones: without it, `jit` of its gradient throws "routine
 * primitive scatter input is not imm" (0.1.25).
 */
export type Constants = {
  pairs: JaxArray[]; // at most one, [pairs]
  pairOnes: JaxArray[]; // at most one, [B, pairs]
  ones: JaxArray[]; // [stacks] × [B, fields, D]
  biasOnes: JaxArray[]; // [stacks] × [B, fields, 1]
};
type Loss = (parameters: Parameters, batch: JaxBatch, constants: Constants) => JaxArray;

// jax-js functions own their arguments: every use of an array but the last is a `.ref`.

export function dlrmLoss({ numpy: np, nn }: Jax): Loss {
  function dense(x: JaxArray, { weight, bias }: Layer): JaxArray {
    return np.matmul(x, weight).add(bias);
  }

  return ({ tables, bottom, top }, { ids, numbers, labels }, { pairs, pairOnes, ones }) => {
    let [x] = numbers;
    for (const layer of bottom) x = nn.relu(dense(x, layer));
    const vectors = tables.map((table, k) => table.slice(ids[k]).mul(ones[k]));
    const [B, D] = x.shape;
    const stacked = np.concatenate([x.ref.reshape([B, 1, D]), ...vectors], 1); // [B, T, D]
    const T = stacked.shape[1];
    const products = np.einsum('bik,bjk->bij', stacked.ref, stacked).reshape([B, T * T]);
    const dots = products.slice([], pairs[0]).mul(pairOnes[0]);
    let z = np.concatenate([x, dots], 1);
    for (const [i, layer] of top.entries()) {
      z = dense(z, layer);
      if (i < top.length - 1) z = nn.relu(z);
    }
    const logit = z.reshape([B]);
    const losses = nn.relu(logit.ref).sub(logit.ref.mul(labels));
    return losses.add(np.log1p(np.exp(np.absolute(logit).neg()))).mean();
  };
}

/** Users × items: μ + b_u + b_i + ⟨e_u, e_i⟩, squared error. */
export function factorizationLoss({ numpy: np }: Jax, mean: number): Loss {
  return ({ tables, biases }, { ids, labels }, { ones, biasOnes }) => {
    const bias = np.concatenate(
      biases.map((table, k) => table.slice(ids[k].ref).mul(biasOnes[k])),
      1,
    ); // [B, 2, 1]
    const vectors = np.concatenate(
      tables.map((table, k) => table.slice(ids[k]).mul(ones[k])),
      1,
    ); // [B, 2, D]
    const dot = vectors.ref.slice([], 0).mul(vectors.slice([], 1)).sum(1);
    return np
      .square(
        dot
          .add(bias.sum([1, 2]))
          .add(mean)
          .sub(labels),
      )
      .mean();
  };
}

/** One step of SGD: the parameters after it, and the loss before it. */
export function trainStep(jax: Jax, loss: Loss, learningRate: number) {
  const descend = (each: JaxArray, gradient: JaxArray): JaxArray => each.sub(gradient.mul(learningRate));
  return (parameters: Parameters, batch: JaxBatch, constants: Constants): [Parameters, JaxArray] => {
    const [value, gradients] = jax.valueAndGrad(loss)(jax.tree.ref(parameters), batch, constants);
    return [jax.tree.map(descend, parameters, gradients as Parameters) as Parameters, value];
  };
}
