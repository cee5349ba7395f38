import { Modal } from '../shared/Modal.tsx';
import { formatBytes, formatCount } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './dialogs.module.css';

/** The data sets that are kept in this browser, to be opened again or removed. */
export function KeptDialog() {
  const { data, ui } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'kept');
  const kept = useApp((state) => state.keptData);
  return (
    <Modal
      title="Kept data sets"
      description="In this browser alone. The files that they were read from stay when they are removed."
      isOpen={isOpen}
      onClose={() => ui.openDialog(null)}
    >
      <ul className={styles.kept} data-testid="kept-list">
        {kept.map((dataset) => (
          <li key={dataset.file}>
            <span>
              {dataset.name}{' '}
              <span className={controls.muted}>
                {formatCount(dataset.examples)} examples, {formatBytes(dataset.sizeBytes)}
              </span>
            </span>
            <button
              type="button"
              className={controls.small}
              aria-label={`Reopen ${dataset.name}`}
              onClick={() => {
                ui.openDialog(null);
                void data.reopen(dataset);
              }}
            >
              Reopen
            </button>
            <button
              type="button"
              className={controls.small}
              aria-label={`Remove ${dataset.name}`}
              onClick={() => void data.kept.remove(dataset)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
