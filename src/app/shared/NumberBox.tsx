import { useId, useState, type KeyboardEvent } from 'react';
import { parseSetting } from '../../settings/parseSetting.ts';
import { settingTable, type Settings } from '../../settings/settings.ts';
import styles from './controls.module.css';

interface NumberBoxProps<K extends keyof Settings> {
  readonly name: K;
  /** What the box shows while nobody types in it. */
  readonly shown: string;
  readonly placeholder?: string;
  readonly className?: string;
  readonly testId?: string;
  readonly describedBy?: string;
  readonly disabled?: boolean;
  /** Rewrites what was typed into what parseSetting reads, for example by removing units. */
  readonly normalize?: (text: string) => string;
  readonly onChange: (value: Settings[K]) => void;
}

/** A text box for a setting. Enter and leaving the box apply the text, Escape restores the value. */
export function NumberBox<K extends keyof Settings>(props: NumberBoxProps<K>) {
  const { name, shown, placeholder, className, testId, describedBy, disabled, normalize, onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState('');
  const problemId = useId();

  /** Returns false where the text is not a valid value. */
  function accept(): boolean {
    if (typed === null || typed.trim() === shown) {
      setTyped(null);
      setProblem('');
      return true;
    }
    try {
      const text = typed.trim() === '' && settingTable[name].default === null ? 'auto' : typed;
      const value = parseSetting(name, normalize ? normalize(text) : text);
      setTyped(null);
      setProblem('');
      onChange(value);
      return true;
    } catch (error) {
      const { message, remedy } = error as { message: string; remedy: string };
      setProblem(`${message} ${remedy}`);
      return false;
    }
  }

  function onKeyDown({ key, currentTarget }: KeyboardEvent<HTMLInputElement>): void {
    // Leaving the box applies the text and gives the keys back to the page.
    if (key === 'Enter' && accept()) currentTarget.blur();
    if (key !== 'Escape') return;
    setTyped(null);
    setProblem('');
  }

  return (
    <span className={className}>
      <input
        className={styles.input}
        aria-label={settingTable[name].label}
        aria-invalid={problem !== ''}
        aria-describedby={problem ? problemId : describedBy}
        data-testid={testId}
        disabled={disabled}
        placeholder={placeholder}
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        value={typed ?? shown}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={accept}
        onKeyDown={onKeyDown}
      />
      {problem && (
        <span id={problemId} role="alert" className={styles.problem}>
          {problem}
        </span>
      )}
    </span>
  );
}
