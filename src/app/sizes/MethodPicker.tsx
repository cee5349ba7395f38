import { Popover } from '@base-ui/react/popover';
import { useRef, useState } from 'react';
import { methods } from '../../compression/methods.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import styles from './ChoiceControls.module.css';
import controls from '../shared/controls.module.css';
import { MethodList } from './MethodList.tsx';
import popup from '../shared/Popup.module.css';

/** Shows the method in use. A click opens the list of all methods. */
export function MethodPicker() {
  const { settings } = useDimmer();
  const method = useApp((state) => state.settings.method);
  const corner = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div ref={corner} className={styles.field}>
      <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
        <Popover.Trigger
          className={`${controls.select} ${styles.picker}`}
          data-testid="method-picker"
          title={methods[method].explanation}
        >
          <span className={styles.label}>Method</span>
          {methods[method].label}
        </Popover.Trigger>
        <Popover.Portal container={corner}>
          <Popover.Positioner className={popup.positioner} sideOffset={4} align="end">
            <Popover.Popup className={`${popup.popup} ${styles.methods}`}>
              <Popover.Title render={<h2 />} className={controls.visuallyHidden}>
                Method
              </Popover.Title>
              <MethodList
                multiple={false}
                chosen={[method]}
                onChange={([chosen]) => settings.change({ method: chosen })}
              />
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}
