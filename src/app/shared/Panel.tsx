import { useId, type ReactNode } from 'react';
import styles from './Panel.module.css';

interface PanelProps {
  readonly title: string;
  /** Beside the title: what is shown, in words. */
  readonly note?: ReactNode;
  /** Buttons and menus at the right end of the head. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
  readonly height?: 'chart' | 'list';
}

export function Panel({ title, note, tools, children, height = 'chart' }: PanelProps) {
  const heading = useId();
  return (
    <section className={styles.panel} aria-labelledby={heading}>
      <div className={styles.head}>
        <h2 id={heading} className={styles.title}>
          {title}
        </h2>
        <div className={styles.note}>{note}</div>
        <div className={styles.tools}>{tools}</div>
      </div>
      {height === 'chart' ? (
        <div className={styles.chart}>{children}</div>
      ) : (
        // What scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={styles.list} role="group" aria-labelledby={heading} tabIndex={0}>
          {children}
        </div>
      )}
    </section>
  );
}
