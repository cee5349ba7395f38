import { useState } from 'react';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import forms from '../shared/forms.module.css';
import styles from './dialogs.module.css';
import { Modal } from '../shared/Modal.tsx';

export function PasteDialog() {
  const { data, ui } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'paste');
  const [text, setText] = useState('');

  function load(): void {
    ui.openDialog(null);
    setText('');
    void data.openText(text);
  }

  return (
    <Modal
      title="Paste data"
      description="Lines of Criteo, Avazu, MovieLens, or any other table. Nothing leaves this tab."
      isOpen={isOpen}
      onClose={() => ui.openDialog(null)}
    >
      <textarea
        className={styles.text}
        aria-label="Data"
        placeholder={'user,item,price,clicked\nann,book,12,1\nbob,lamp,30,0'}
        spellCheck={false}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked to paste here
        autoFocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={forms.actions}>
        <button type="button" className={controls.primary} disabled={text.trim() === ''} onClick={load}>
          Read
        </button>
      </div>
    </Modal>
  );
}
