import { Menu } from '@base-ui/react/menu';
import { ChevronDown, ClipboardPaste, Database, FileUp, Info } from 'lucide-react';
import { useRef } from 'react';
import { joinFiles } from './readDrop.ts';
import { formatBytes, formatCount } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from '../shared/Popup.module.css';

export function DatasetMenu() {
  const { data, ui } = useDimmer();
  const dataset = useApp((state) => state.dataset);
  const loading = useApp((state) => state.loading);
  const kept = useApp((state) => state.keptData);
  const corner = useRef<HTMLDivElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const shown = loading && !dataset ? loading.name : (dataset?.name ?? 'Data set');
  return (
    <div ref={corner}>
      <Menu.Root onOpenChange={(isOpen) => isOpen && void data.kept.refresh()}>
        <Menu.Trigger className={controls.button} data-testid="dataset-menu">
          <span className={controls.visuallyHidden}>Data set: </span>
          <span className={styles.trigger}>{shown}</span>{' '}
          {dataset && <span className={styles.size}>{formatCount(dataset.examples)}</span>}
          <ChevronDown size={16} aria-hidden="true" />
        </Menu.Trigger>
        <Menu.Portal container={corner}>
          <Menu.Positioner className={styles.positioner} sideOffset={4} align="start">
            <Menu.Popup className={styles.popup}>
              <Menu.Item className={styles.item} onClick={() => void data.openSample('clicks')}>
                <span className={styles.itemName}>Sample: clicks</span>
                <span className={controls.muted}>13 numbers, 26 fields, a planted model</span>
              </Menu.Item>
              <Menu.Item className={styles.item} onClick={() => void data.openSample('ratings')}>
                <span className={styles.itemName}>Sample: ratings</span>
                <span className={controls.muted}>users × items, block-wise low rank</span>
              </Menu.Item>
              {kept.map((each) => (
                <Menu.Item
                  key={each.file}
                  className={styles.item}
                  data-testid="kept"
                  onClick={() => void data.reopen(each)}
                >
                  <span className={styles.itemName}>Reopen {each.name}</span>
                  <span className={controls.muted}>
                    {formatCount(each.examples)} examples, {formatBytes(each.sizeBytes)}
                  </span>
                </Menu.Item>
              ))}
              <Menu.Separator className={styles.separator} />
              <Menu.Item className={styles.iconItem} onClick={() => picker.current?.click()}>
                <FileUp size={16} aria-hidden="true" /> Open files…
              </Menu.Item>
              <Menu.Item className={styles.iconItem} onClick={() => ui.openDialog('paste')}>
                <ClipboardPaste size={16} aria-hidden="true" /> Paste text…
              </Menu.Item>
              {kept.length > 0 && (
                <Menu.Item className={styles.iconItem} onClick={() => ui.openDialog('kept')}>
                  <Database size={16} aria-hidden="true" /> Kept data sets…
                </Menu.Item>
              )}
              {dataset && (
                <Menu.Item className={styles.iconItem} onClick={() => ui.openDialog('dataset')}>
                  <Info size={16} aria-hidden="true" /> About this data set
                </Menu.Item>
              )}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        data-testid="file-input"
        aria-label="Data file"
        onChange={(event) => {
          const file = joinFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
          if (file) void data.openFile(file);
        }}
      />
    </div>
  );
}
