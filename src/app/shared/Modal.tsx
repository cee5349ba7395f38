import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useDeferredValue } from 'react';
import controls from './controls.module.css';
import styles from './Modal.module.css';

interface ModalProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly isOpen: boolean;
  readonly isWide?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Opens with its head alone and renders its content in the next task, so that the click is answered at once. */
export function Modal({ title, description, isOpen, isWide = false, onClose, children }: ModalProps) {
  const isFilled = useDeferredValue(isOpen) && isOpen;
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Popup className={isWide ? styles.wide : styles.popup} data-filled={isFilled}>
          <div className={styles.head}>
            <Dialog.Title className={styles.title}>{title}</Dialog.Title>
            <Dialog.Close className={controls.icon} aria-label="Close">
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          {description && (
            <Dialog.Description className={styles.description}>{description}</Dialog.Description>
          )}
          {isFilled && children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
