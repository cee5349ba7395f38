import type { Activation } from '../program/operand.ts';
import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { Tensor } from '../program/tensor.ts';

export interface Mlp {
  readonly name: string;
  /** Input width, then the width of every layer. */
  readonly widths: readonly number[];
  /** The activation of the last layer. The others have ReLU. */
  readonly lastActivation: Activation;
}

/** Declares weights [in, out] ~ N(0, 2/(in+out)) and biases ~ N(0, 1/out), as DLRM's code does. */
export function declareMlp(dense: FlatTensors, { name, widths }: Mlp): void {
  for (let i = 1; i < widths.length; i++) {
    const [fanIn, fanOut] = [widths[i - 1], widths[i]];
    const layer = `${name}.${i - 1}`;
    dense.add(`${layer}.weight`, [fanIn, fanOut], layer, {
      kind: 'normal',
      deviation: Math.sqrt(2 / (fanIn + fanOut)),
    });
    dense.add(`${layer}.bias`, [fanOut], layer, { kind: 'normal', deviation: Math.sqrt(1 / fanOut) });
  }
}

/** What the backward pass of an MLP needs from its forward pass. */
export interface MlpForward {
  readonly mlp: Mlp;
  /** The input, then the output of every layer. */
  readonly activations: readonly Tensor[];
}

export function mlpForward(
  builder: ProgramBuilder,
  mlp: Mlp,
  x: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
): MlpForward {
  const activations = [x];
  const layers = mlp.widths.length - 1;
  for (let i = 0; i < layers; i++) {
    const layer = `${mlp.name}.${i}`;
    const y = builder.tensor(`${layer}.out`, 'activation', [x.shape[0], mlp.widths[i + 1]], { layer });
    const activation = i === layers - 1 ? mlp.lastActivation : 'relu';
    const weight = parameters.get(`${layer}.weight`)!;
    const bias = parameters.get(`${layer}.bias`)!;
    builder.op({ kind: 'linear', x: activations[i], weight, bias, y, activation }, 'train', 'evaluate');
    activations.push(y);
  }
  return { mlp, activations };
}

/**
 * @param dy gradient of the last layer's output before its activation
 * @param dInput where to put the gradient of the MLP's input, or whether it is needed; the input is not the output of a ReLU
 * @returns the gradient of the input, if it is needed
 */
export function mlpBackward(
  builder: ProgramBuilder,
  { mlp, activations }: MlpForward,
  dy: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  gradients: ReadonlyMap<string, Tensor>,
  dInput: Tensor | boolean,
): Tensor | undefined {
  let gradient = dy;
  for (let i = mlp.widths.length - 2; i >= 0; i--) {
    const layer = `${mlp.name}.${i}`;
    const x = activations[i];
    const dWeight = gradients.get(`${layer}.weight`)!;
    const dBias = gradients.get(`${layer}.bias`)!;
    builder.op({ kind: 'linear-backward-weight', x, dy: gradient, dWeight, dBias }, 'train');
    if (i === 0 && dInput === false) return undefined;
    const given = i === 0 && typeof dInput === 'object';
    const dx = given ? dInput : builder.tensor(`${layer}.dx`, 'gradient', x.shape, { layer });
    const weight = parameters.get(`${layer}.weight`)!;
    const mask = i === 0 ? undefined : x;
    builder.op({ kind: 'linear-backward-input', dy: gradient, weight, dx, mask }, 'train');
    gradient = dx;
  }
  return gradient;
}
