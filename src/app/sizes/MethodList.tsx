import { useId, useState } from 'react';
import { methods } from '../../compression/methods.ts';
import type { MethodId } from '../../settings/settings.ts';
import { methodMarks } from '../accuracy/methodMarks.ts';
import controls from '../shared/controls.module.css';
import styles from './MethodList.module.css';

const all = Object.keys(methods) as MethodId[];
/** With at least this many methods, the list has a search box. */
const SEARCHED_FROM = 5;

interface MethodListProps {
  readonly chosen: readonly MethodId[];
  /** Whether several methods can be chosen. */
  readonly multiple: boolean;
  readonly onChange: (chosen: readonly MethodId[]) => void;
}

/** Lists methods with explanation, formula and paper; the search looks at all of them. */
export function MethodList({ chosen, multiple, onChange }: MethodListProps) {
  const [query, setQuery] = useState('');
  const group = useId();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((id) => {
    const { label, paper, explanation } = methods[id];
    const text = `${id} ${label} ${paper} ${explanation}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });

  function choose(id: MethodId, isChosen: boolean): void {
    if (!multiple) onChange([id]);
    else onChange(all.filter((method) => (method === id ? isChosen : chosen.includes(method))));
  }

  return (
    <>
      {all.length >= SEARCHED_FROM && (
        <input
          type="search"
          className={`${controls.input} ${styles.search}`}
          aria-label="Search methods"
          placeholder={`Search ${all.length} methods by name, idea, author or year`}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      <ul className={styles.list} aria-label="Methods">
        {found.map((id) => (
          <li key={id}>
            <label className={styles.method}>
              <input
                type={multiple ? 'checkbox' : 'radio'}
                name={group}
                checked={chosen.includes(id)}
                aria-describedby={`${group}-${id}`}
                onChange={(event) => choose(id, event.currentTarget.checked)}
              />
              <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
                <path d={methodMarks[id].path} fill={methodMarks[id].color} />
              </svg>
              <span>{methods[id].label}</span>
              <code className={styles.formula}>{methods[id].formula}</code>
            </label>
            <p id={`${group}-${id}`} className={styles.explanation}>
              {methods[id].explanation} <cite>{methods[id].paper}</cite>
            </p>
          </li>
        ))}
        {found.length === 0 && (
          <li className={controls.muted}>No method has “{query}” in its description.</li>
        )}
      </ul>
    </>
  );
}
