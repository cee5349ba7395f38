import styles from './memory.module.css';
import type { MemoryEstimate } from '../../training/plan/planRun.ts';

/** Where bits and rank make a difference, or that they make none. */
export function ApproximatedLayers({ plan: { settings, memory } }: { readonly plan: MemoryEstimate }) {
  const { activationBits, gradientRank } = settings;
  const { activations, gradients } = memory.approximated;
  const sentences = [];
  if (activationBits !== '32')
    sentences.push(
      activations.length > 0
        ? `Activations of ${activationBits} bits: ${activations.join(', ')}.`
        : `This model has no hidden activations that could be kept in fewer bits: ${activationBits} changes nothing.`,
    );
  if (gradientRank > 0)
    sentences.push(
      gradients.length > 0
        ? `Gradients of rank ${gradientRank}: ${gradients.join(', ')}.`
        : `No dense layer here is so large that factors of rank ${gradientRank} took less than its gradient: the rank changes nothing.`,
    );
  if (sentences.length === 0) return null;
  return (
    <p className={styles.fitted} data-testid="memory-layers">
      {sentences.join(' ')}
    </p>
  );
}
