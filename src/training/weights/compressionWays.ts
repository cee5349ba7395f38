import type { CompressionWayId } from '../../compression/afterTraining.ts';
import { hashModel } from './hashModel.ts';
import { type Model, refitModel } from '../resize/refitModel.ts';

/** How the weights of a trained model become those of a smaller one. */
export interface CompressionWay {
  /** Whether the smaller one's size depends on the spectra of the larger. */
  readonly isSpectral: boolean;
  /**
   * Fills the fresh state of a model of the size that compressedSize gives. Returns the share of Σ_fields E‖e‖² that its
   * vectors are off by; `rowFactors` are √p_i, by field.
   */
  fill(whole: Model, next: Model, rowFactors: readonly Float64Array[]): number;
}

export const compressionWays: Readonly<Record<CompressionWayId, CompressionWay>> = {
  truncate: { isSpectral: true, fill: refitModel },
  // In floats, until it is rounded.
  quantise: { isSpectral: false, fill: refitModel },
  hash: { isSpectral: false, fill: hashModel },
};
