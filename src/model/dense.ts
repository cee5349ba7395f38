import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { Optimizer } from '../program/operand.ts';
import type { Tensor } from '../program/tensor.ts';

export interface DenseParameters {
  readonly flat: Tensor;
  readonly dFlat: Tensor;
  /** Views of `flat` and `dFlat`, by the name of the part. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly gradients: ReadonlyMap<string, Tensor>;
}

/** Everything that every step changes: MLPs and projections, in one flat tensor. */
export function declareDense(builder: ProgramBuilder, dense: FlatTensors): DenseParameters {
  const values = dense.build(builder, 'dense', 'parameter');
  const gradients = dense.build(builder, 'dense.gradient', 'gradient', {
    suffix: '.gradient',
    random: false,
  });
  return {
    flat: values.flat,
    dFlat: gradients.flat,
    parameters: values.parts,
    gradients: gradients.parts,
  };
}

export function denseUpdate(
  builder: ProgramBuilder,
  parameters: Tensor,
  gradients: Tensor,
  optimizer: Optimizer,
): void {
  const state = optimizerState(optimizer).map((part) =>
    builder.tensor(`dense.${part}`, 'optimizer-state', parameters.shape, { layer: 'dense' }),
  );
  builder.op({ kind: 'dense-update', optimizer, parameters, gradients, state }, 'train');
}

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
