import styles from './BenchmarkPage.module.css';
import { kernelColumns, kernelRows, resultCells, resultColumns } from './report.ts';
import { type BenchmarkResult, isFailure } from './result.ts';
import { judgeTargets } from './targets.ts';

interface Props {
  readonly results: readonly BenchmarkResult[];
}

export function ResultTable({ results }: Props) {
  if (results.length === 0) return null;
  const gpu = results.find(({ backend }) => backend === 'webgpu');
  return (
    <section>
      <h2>Time of a training step</h2>
      {gpu && <p className={styles.note}>GPU: {gpu.adapter}</p>}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Results">
        <table className={styles.table}>
          <Header columns={resultColumns} />
          <tbody>
            {results.map((result) => (
              <tr
                key={`${result.case} ${result.library} ${result.backend}`}
                data-failed={isFailure(result)}
                data-testid="benchmark-result"
              >
                {resultCells(result).map((cell, i) => (
                  <td key={resultColumns[i]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Where the time of our last case on the GPU went. */
export function KernelTable({ results }: Props) {
  const last = results.findLast(({ kernels }) => kernels !== null);
  if (!last) return null;
  return (
    <section>
      <h2>GPU time per kernel, {last.case}</h2>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="GPU time per kernel">
        <table className={styles.table}>
          <Header columns={kernelColumns} />
          <tbody>
            {kernelRows(last).map((cells) => (
              <tr key={cells[0]}>
                {cells.map((cell, i) => (
                  <td key={kernelColumns[i]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function TargetList({ results }: Props) {
  const verdicts = judgeTargets(results);
  if (verdicts.length === 0) return null;
  return (
    <section>
      <h2>What is claimed</h2>
      <ul className={styles.verdicts}>
        {verdicts.map(({ text, holds }) => (
          <li key={text}>
            {holds ? '✓ holds' : '✗ missed'}: {text}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Header({ columns }: { readonly columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col">
            {column}
          </th>
        ))}
      </tr>
    </thead>
  );
}
