import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { Optimizer } from '../program/operand.ts';
import type { Tensor } from '../program/tensor.ts';

export interface DenseParameters {
  readonly flat: Tensor;
  readonly dFlat: Tensor;
  /** Views of `flat` and of `dFlat`, by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly gradients: ReadonlyMap<string, Tensor>;
}

/** Declares one flat tensor for all parameters that every step changes, such as MLPs and projections. */
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
  const state = optimizerState(optimizer).map((suffix) =>
    builder.tensor(`dense.${suffix}`, 'optimizer-state', parameters.shape, { layer: 'dense' }),
  );
  builder.op({ kind: 'dense-update', optimizer, parameters, gradients, state }, 'train');
}

/** The suffixes of the names of the tensors that an optimiser keeps. */
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
