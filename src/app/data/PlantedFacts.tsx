import type { Planted } from '../../data/dataset.ts';
import styles from '../shared/dialogs.module.css';

/** What a built-in sample holds for a method to find, told on request. */
export function PlantedFacts({ planted }: { readonly planted: readonly Planted[] }) {
  return (
    <details className={styles.planted}>
      <summary>What is in this sample?</summary>
      <ul>
        {planted.map(({ kind, sentence }) => (
          <li key={kind}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}
