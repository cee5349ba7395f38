import type { Optimizer } from '../../../program/op.ts';
import { elementCount } from '../../../program/tensor.ts';
import type { SimdOp } from './simdOp.ts';

export const denseUpdate: SimdOp<'dense-update'> = {
  scratch: () => [],
  make({ optimizer, parameters, gradients, state }, { kernels, address }) {
    const [V, G, ...S] = [parameters, gradients, ...state].map(address);
    const count = elementCount(parameters);
    return ({ learningRate, step }) => {
      switch (optimizer.kind) {
        case 'sgd':
          return kernels.sgd(V, G, count, learningRate);
        case 'adagrad':
          return kernels.adagrad(V, G, S[0], count, learningRate, optimizer.epsilon);
        case 'adam': {
          const [M, SECOND, MAX = 0] = S;
          return kernels.adam(V, G, M, SECOND, MAX, count, ...adamFactors(optimizer, learningRate, step));
        }
      }
    };
  },
};

type Adam = Extract<Optimizer, { kind: 'adam' }>;

/** β1, 1 − β1, β2, 1 − β2, lr/(1 − β1^t), √(1 − β2^t), ε */
export function adamFactors({ beta1, beta2, epsilon }: Adam, learningRate: number, step: number): number[] {
  const rate = learningRate / (1 - beta1 ** step);
  const root = Math.sqrt(1 - beta2 ** step);
  return [beta1, 1 - beta1, beta2, 1 - beta2, rate, root, epsilon];
}
