import type { LedgerLine } from '../../program/ledger.ts';
import { totalBytes } from '../../program/allocatedBytes.ts';
import type { Role } from '../../program/tensor.ts';
import { formatBytes } from '../format.ts';
import { useLive } from '../useDimmer.ts';
import controls from './controls.module.css';
import styles from './MemoryPanel.module.css';
import { Panel } from './Panel.tsx';

const roles: readonly { readonly role: Role; readonly label: string; readonly shade: string }[] = [
  { role: 'parameter', label: 'Parameters', shade: 'var(--accent)' },
  {
    role: 'optimizer-state',
    label: 'Optimiser state',
    shade: 'color-mix(in oklab, var(--accent) 60%, var(--ground))',
  },
  { role: 'gradient', label: 'Gradients', shade: 'color-mix(in oklab, var(--accent) 30%, var(--ground))' },
  { role: 'activation', label: 'Activations', shade: 'var(--muted)' },
  { role: 'data', label: 'Data', shade: 'var(--edge)' },
  { role: 'metric', label: 'Metrics', shade: 'var(--track)' },
  { role: 'constant', label: 'Descriptors', shade: 'var(--line)' },
];

/** Bytes by role, read off the program that is training, and what sharing memory saves. */
export function MemoryPanel() {
  const memory = useLive((run) => run.memory);
  const bytes = sumByRole(memory?.lines ?? []);
  const savedBytes = memory?.savedBytes ?? 0;
  return (
    <Panel title="Memory" note={memory ? formatBytes(totalBytes(memory.bytes)) : ''} height="list">
      {!memory ? (
        <p className={controls.muted}>What a run allocates, by role.</p>
      ) : (
        <>
          <div className={styles.bar} aria-hidden="true">
            {roles.map(({ role, shade }) => (
              <span key={role} style={{ flexGrow: bytes[role] ?? 0, background: shade }} />
            ))}
          </div>
          <table className={controls.table}>
            <caption className={controls.visuallyHidden}>Memory of the run by role</caption>
            <tbody>
              {roles
                .filter(({ role }) => (bytes[role] ?? 0) > 0)
                .map(({ role, label, shade }) => (
                  <tr key={role}>
                    <th scope="row">
                      <span className={styles.swatch} style={{ background: shade }} aria-hidden="true" />
                      {label}
                    </th>
                    <td>{formatBytes(bytes[role] ?? 0)}</td>
                  </tr>
                ))}
              {savedBytes > 0 && (
                <tr title="Activations and gradients that are not needed at the same time lie in the same memory.">
                  <th scope="row">Saved by sharing</th>
                  <td>−{formatBytes(savedBytes)}</td>
                </tr>
              )}
            </tbody>
          </table>
        </>
      )}
    </Panel>
  );
}

function sumByRole(lines: readonly LedgerLine[]): Readonly<Partial<Record<Role, number>>> {
  const bytes: Partial<Record<Role, number>> = {};
  for (const { role, sizeBytes } of lines) bytes[role] = (bytes[role] ?? 0) + sizeBytes;
  return bytes;
}
