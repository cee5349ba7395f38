import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { BatchData } from '../program/operand.ts';
import type { Initial, Tensor } from '../program/tensor.ts';
import type { DenseParameters } from './dense.ts';
import type { DecoderToPlace } from './placeFields.ts';
import { type Mlp, type MlpForward, mlpBackward, mlpForward } from './mlp.ts';

/** Seed of the hashes. It belongs to the method and is the same in every run. */
const HASH_SEED = 0x44484531;
const layer = 'embedding';

/** The network of Kang et al. 2021, and the fields whose vectors it makes. In its batch they lie side by side. */
export interface FieldDecoder {
  readonly fields: readonly number[];
  readonly mlp: Mlp;
}

/**
 * Adds the network to the dense parameters. Its output starts with `variance`: hashes have a variance of 1/3, and weights before a
 * ReLU, which halves the mean square, are scaled up by 2. The paper uses Mish and batch normalisation; ReLU alone needs no statistics
 * at evaluation and no further op.
 */
export function declareDecoder(
  dense: FlatTensors,
  { hashes, hiddenLayers, hiddenWidth, fields, variance }: DecoderToPlace,
  baseDim: number,
): FieldDecoder {
  const hidden = Array<number>(hiddenLayers + 1).fill(hiddenWidth);
  const mlp: Mlp = {
    name: 'embedding.decoder',
    widths: [hashes, ...hidden, baseDim],
    lastActivation: 'none',
  };
  for (let i = 1; i < mlp.widths.length; i++) {
    const [fanIn, fanOut] = [mlp.widths[i - 1], mlp.widths[i]];
    const isLast = i === mlp.widths.length - 1;
    const square = i === 1 ? 1 / 3 : 1;
    const deviation = Math.sqrt((isLast ? variance : 2) / (fanIn * square));
    const weight: Initial = { kind: 'normal', deviation };
    dense.add(`${mlp.name}.${i - 1}.weight`, [fanIn, fanOut], layer, weight);
    dense.add(`${mlp.name}.${i - 1}.bias`, [fanOut], layer, { kind: 'zeros' });
  }
  return { fields, mlp };
}

/** Appends the ops from ids to vectors, [B·fields, D]. */
export function decoderForward(
  builder: ProgramBuilder,
  data: BatchData,
  { fields, mlp }: FieldDecoder,
  { parameters }: DenseParameters,
  batch: number,
): MlpForward {
  const shape = [batch * fields.length, mlp.widths[0]];
  const out = builder.tensor('embedding.hashes', 'activation', shape, { layer });
  builder.op({ kind: 'hash-encode', data, seed: HASH_SEED, fields, out }, 'train', 'evaluate');
  return mlpForward(builder, mlp, out, parameters);
}

/** Appends the ops from dVectors [B, F, D] to the gradients of the network. */
export function decoderBackward(
  builder: ProgramBuilder,
  { fields }: FieldDecoder,
  forward: MlpForward,
  { parameters, gradients }: DenseParameters,
  dVectors: Tensor,
): void {
  const { shape } = forward.activations.at(-1)!;
  let dDecoded: Tensor;
  if (fields.length === dVectors.shape[1]) {
    dDecoded = builder.view('embedding.dDecoded', dVectors, 0, shape);
  } else {
    dDecoded = builder.tensor('embedding.dDecoded', 'gradient', shape, { layer });
    builder.op({ kind: 'take-fields', fields, vectors: dVectors, taken: dDecoded }, 'train');
  }
  mlpBackward(builder, forward, dDecoded, parameters, gradients, false);
}
