import { Menu } from '@base-ui/react/menu';
import { Copy, Download } from 'lucide-react';
import { useRef } from 'react';
import type { RunFormat } from './exportRuns.ts';
import type { RunRecord } from './runRecord.ts';
import { useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from '../shared/Popup.module.css';

const formats: readonly { readonly format: RunFormat; readonly label: string }[] = [
  { format: 'csv', label: 'CSV' },
  { format: 'json', label: 'JSON' },
  { format: 'markdown', label: 'Markdown table of means' },
];

/** Saves and copies runs. It reminds of exporting, since the browser may delete what it stores. */
export function ExportMenu({ runs }: { readonly runs: readonly RunRecord[] }) {
  const { runList } = useDimmer();
  const corner = useRef<HTMLDivElement>(null);
  return (
    <div ref={corner}>
      <Menu.Root>
        <Menu.Trigger
          className={controls.tiny}
          aria-label="Export runs"
          title="Export. Stored runs are a cache that the browser may clear: export to keep."
        >
          <Download size={16} aria-hidden="true" />
        </Menu.Trigger>
        <Menu.Portal container={corner}>
          <Menu.Positioner className={styles.positioner} sideOffset={4} align="end">
            <Menu.Popup className={styles.popup}>
              {formats.map(({ format, label }) => (
                <Menu.Item
                  key={format}
                  className={styles.iconItem}
                  onClick={() => runList.save(runs, format)}
                >
                  <Download size={16} aria-hidden="true" /> Save as {label}
                </Menu.Item>
              ))}
              <Menu.Separator className={styles.separator} />
              {formats.map(({ format, label }) => (
                <Menu.Item
                  key={format}
                  className={styles.iconItem}
                  onClick={() => void runList.copy(runs, format)}
                >
                  <Copy size={16} aria-hidden="true" /> Copy as {label}
                </Menu.Item>
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  );
}
