import type { ThresholdRule } from '../../model/sparsity.ts';
import type { OptimizerId } from '../../settings/settings.ts';

/** σ(−7) = 0.0009: nothing that matters lies below it. */
const START = -7;
/** Where a threshold gets to that nothing but the penalty moves: σ(−2) = 0.12. */
const END = -2;
/** λ of the penalty λ/2·s²: the weight decay of the paper's public code. */
const DECAY = 1e-5;

/**
 * Thresholds that move fast enough to get from start to end within `steps`: Adam moves a parameter by
 * about a learning rate a step whatever its gradient is, Adagrad by rate/√t, SGD in proportion.
 */
export function thresholdRule(optimizer: OptimizerId, learningRate: number, steps: number): ThresholdRule {
  const rise = END - START;
  const rates: Readonly<Record<OptimizerId, number>> = {
    adam: rise / (learningRate * steps),
    amsgrad: rise / (learningRate * steps),
    adagrad: rise / (2 * learningRate * Math.sqrt(steps)),
    sgd: Math.sqrt(Math.log(START / END) / (learningRate * DECAY * steps)),
  };
  return { start: START, rate: rates[optimizer], decay: DECAY };
}
