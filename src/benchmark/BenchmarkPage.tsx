import { useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import '../app/page/tokens.css';
import styles from './BenchmarkPage.module.css';
import type { ContenderId } from './cases.ts';
import { KernelTable, ResultTable, TargetList } from './ResultTables.tsx';
import { resultCells, resultColumns, toMarkdown } from './report.ts';
import type { BenchmarkProgress } from './result.ts';
import { idleSession, runSession, type Selection, selections, type SessionState } from './session.ts';

const contenderLabels: Readonly<Record<ContenderId, string>> = {
  'dimmer/webgpu': 'Dimmer, WebGPU',
  'dimmer/cpu': 'Dimmer, CPU',
  'tfjs/webgpu': 'TensorFlow.js, WebGPU',
  'jax-js/webgpu': 'jax-js, WebGPU',
  'jax-js/wasm': 'jax-js, WebAssembly',
};

const phaseLabels: Readonly<Record<BenchmarkProgress['phase'], string>> = {
  start: 'loading',
  compare: 'comparing losses',
  profile: 'counting dispatches',
  measure: 'measuring',
};

/**
 * Shows the benchmark in `root`, instead of the app, which would take time from what is measured.
 * The app imports this file lazily; leaving the page loads the app afresh.
 */
export function mountBenchmark(root: HTMLElement): void {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme ??= prefersDark ? 'dark' : 'light';
  document.title = 'Dimmer: benchmark';
  createRoot(root).render(<BenchmarkPage />);
}

/** Training steps of this engine and its peers, on the visitor's own devices. */
function BenchmarkPage() {
  const [state, setState] = useState(idleSession);
  const [selection, setSelection] = useState<Selection>('quick');
  const [contenders, setContenders] = useState(() => new Set(Object.keys(contenderLabels) as ContenderId[]));
  const abort = useRef<AbortController>(null);
  const running = state.phase === 'running';

  const start = (): void => {
    abort.current = new AbortController();
    void runSession(selection, contenders, abort.current.signal, setState);
  };
  const toggle = (id: ContenderId): void => {
    const next = new Set(contenders);
    if (!next.delete(id)) next.add(id);
    setContenders(next);
  };

  return (
    <main className={styles.page}>
      <header className={styles.header}>
        <h1>Benchmark</h1>
        <a href="./">Back to Dimmer</a>
      </header>
      <p className={styles.lead}>
        The same models, initial weights, batches and optimiser in every library, in turns, on this machine. A
        time counts only when the losses of the first steps agree. Nothing leaves the tab; the other libraries
        are loaded when you start.
      </p>
      <fieldset className={styles.choices} disabled={running}>
        <legend className={styles.hidden}>What to measure</legend>
        <label>
          Cases{' '}
          <select value={selection} onChange={(event) => setSelection(event.target.value as Selection)}>
            {Object.entries(selections).map(([id, { label }]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        {Object.entries(contenderLabels).map(([id, label]) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={contenders.has(id as ContenderId)}
              onChange={() => toggle(id as ContenderId)}
            />{' '}
            {label}
          </label>
        ))}
      </fieldset>
      <div className={styles.actions}>
        {running ? (
          <button className={styles.button} onClick={() => abort.current?.abort()}>
            Stop
          </button>
        ) : (
          <button className={styles.primary} onClick={start} disabled={contenders.size === 0}>
            Start
          </button>
        )}
        <CopyButton state={state} />
        <Progress state={state} />
      </div>
      {state.problems.map((problem) => (
        <p key={problem} className={styles.problem} role="alert">
          {problem}
        </p>
      ))}
      <ResultTable results={state.results} />
      <KernelTable results={state.results} />
      <TargetList results={state.results} />
    </main>
  );
}

function Progress({ state: { phase, progress, done, total } }: { readonly state: SessionState }) {
  if (phase === 'idle') return null;
  const now =
    progress && `${progress.case}, ${contenderLabels[progress.contender]}: ${phaseLabels[progress.phase]}`;
  return (
    <div className={styles.progress}>
      <progress aria-label="Cases done" value={done} max={total} />
      <span role="status">
        {done} of {total} cases{phase === 'stopped' && ', stopped'}
      </span>
      <span>{now}</span>
    </div>
  );
}

/** The table as Markdown: for an issue, a chat, a spreadsheet. */
function CopyButton({ state: { results } }: { readonly state: SessionState }) {
  const [copied, setCopied] = useState(0);
  const [refused, setRefused] = useState(false);
  const copy = async (): Promise<void> => {
    const table = toMarkdown(resultColumns, results.map(resultCells));
    try {
      await navigator.clipboard.writeText(`${results[0].adapter}\n\n${table}\n\n${navigator.userAgent}\n`);
      setCopied(results.length);
      setRefused(false);
    } catch {
      setRefused(true); // plain http has no clipboard
    }
  };
  return (
    <>
      <button className={styles.button} disabled={results.length === 0} onClick={() => void copy()}>
        {copied > 0 && copied === results.length ? 'Copied' : 'Copy table'}
      </button>
      {refused && <span role="alert">The browser refused: select the table and copy it.</span>}
    </>
  );
}
