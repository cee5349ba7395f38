import { X } from 'lucide-react';
import controls from '../shared/controls.module.css';
import { useApp, useDimmer } from '../useDimmer.ts';
import styles from './QueueBar.module.css';

/** How far a search is, then what it has found until that is dismissed. */
export function SearchBar() {
  const { search } = useDimmer();
  const state = useApp((app) => app.search);
  if (!state) return null;
  const { stage, stages, outcome } = state;
  return (
    <section className={styles.bar} aria-label="Search" data-testid="search-bar" data-over={outcome !== null}>
      {outcome === null ? (
        <>
          <p className={styles.text} role="status">
            Search, stage {Math.max(1, stage)} of {stages}
          </p>
          <button type="button" className={controls.button} onClick={() => search.cancelSearch()}>
            <X size={16} aria-hidden="true" /> Cancel the search
          </button>
        </>
      ) : (
        <>
          <div className={styles.text} role="status">
            {outcome.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
          <button type="button" className={controls.button} onClick={() => search.dismissSearch()}>
            <X size={16} aria-hidden="true" /> Dismiss
          </button>
        </>
      )}
    </section>
  );
}
