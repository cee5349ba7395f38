import type { Optimizer } from '../program/operand.ts';

/** Names of the tensors an optimiser keeps. */
export function optimizerState(optimizer: Optimizer): readonly string[] {
  switch (optimizer.kind) {
    case 'sgd':
      return [];
    case 'adagrad':
      return ['sum'];
    case 'adam':
      return optimizer.amsgrad ? ['m', 'v', 'vMax'] : ['m', 'v'];
  }
}
