import { useEffect, useState } from 'react';
import { formatBytes, formatCount } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import { joinFiles } from './readDrop.ts';
import { isTaken } from '../commands/keyboard.ts';
import controls from '../shared/controls.module.css';
import styles from './DropZone.module.css';

/** Accepts files dropped or pasted anywhere on the page and shows the progress of reading. */
export function DropZone() {
  const { data } = useDimmer();
  const [isOver, setIsOver] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    let depth = 0; // dragenter and dragleave also come from every child
    const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    window.addEventListener('dragenter', (event) => carriesFiles(event) && setIsOver(++depth > 0), {
      signal,
    });
    window.addEventListener('dragleave', (event) => carriesFiles(event) && setIsOver(--depth > 0), {
      signal,
    });
    window.addEventListener('dragover', (event) => carriesFiles(event) && event.preventDefault(), { signal });
    window.addEventListener(
      'drop',
      (event) => {
        depth = 0;
        setIsOver(false);
        if (!carriesFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        void data.openDrop(event.dataTransfer);
      },
      { signal },
    );
    window.addEventListener(
      'paste',
      (event) => {
        if (isTaken(event.target, 'v')) return;
        const file = joinFiles([...(event.clipboardData?.files ?? [])]);
        const text = event.clipboardData?.getData('text/plain') ?? '';
        if (file) void data.openFile(file);
        else if (text.includes('\n')) void data.openText(text);
      },
      { signal },
    );
    return () => stop.abort();
  }, [data]);

  return (
    <>
      {isOver && (
        <div className={styles.over}>
          <div className={styles.target}>
            <strong>
              Drop Criteo, Avazu, MovieLens, CSV, Parquet, JSON; packed or not, files or a folder.
            </strong>
            <span>Nothing leaves this tab.</span>
          </div>
        </div>
      )}
      <LoadProgress />
    </>
  );
}

/** A sample is ready within a second: its progress is shown only while the page has no data yet. */
function LoadProgress() {
  const { data } = useDimmer();
  const loading = useApp((state) => state.loading);
  if (!loading) return null;
  const { name, progress } = loading;
  const share = progress && progress.totalBytes > 0 ? progress.bytes / progress.totalBytes : undefined;
  return (
    <div className={styles.loading} data-testid="loading">
      <div className={styles.line}>
        <span className={styles.name}>{name}</span>
        <span className={controls.muted}>
          {progress
            ? `${formatCount(progress.rows)} rows · ${formatBytes(progress.bytes)} of ${formatBytes(progress.totalBytes)}`
            : 'reading…'}
        </span>
        <button type="button" className={controls.small} onClick={data.cancel}>
          Cancel
        </button>
      </div>
      <progress className={styles.progress} aria-label={`Reading ${name}`} value={share} max={1} />
    </div>
  );
}
