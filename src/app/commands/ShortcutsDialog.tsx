import { commandList } from './commands.ts';
import { keyCaps } from './keyboard.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import styles from './ShortcutsDialog.module.css';
import { Modal } from '../shared/Modal.tsx';

export function ShortcutsDialog() {
  const { ui } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'shortcuts');
  const isMac = navigator.userAgent.includes('Mac');
  return (
    <Modal
      title="Keyboard"
      description="Off while you type. Sliders also take arrows, Page Up, Page Down, Home and End."
      isOpen={isOpen}
      onClose={() => ui.openDialog(null)}
    >
      <dl className={styles.keys}>
        {commandList.map(({ id, label, keys }) => (
          <div key={id} style={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd>
              {keyCaps(keys[0], isMac).map((cap) => (
                <kbd key={cap} className={styles.key}>
                  {cap}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
