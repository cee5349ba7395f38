import type { LedgerChange } from '../../program/memory.ts';
import type { Role } from '../../program/tensor.ts';
import { formatBytes } from '../shared/format.ts';
import { memoryUses } from './memoryUses.ts';
import controls from '../shared/controls.module.css';
import styles from './memory.module.css';
import type { TrainingMemory } from '../../training/events/events.ts';

/** What the device allocates, by use. */
export function UseTable({ memory }: { readonly memory: TrainingMemory }) {
  const { bytes, exactBytes, savedBytes, residentData } = memory;
  return (
    <table className={controls.table}>
      <caption className={controls.visuallyHidden}>Training memory by use, exact and as set</caption>
      <tbody>
        {memoryUses
          .filter(({ use }) => bytes[use] > 0 || exactBytes[use] > 0)
          .map(({ use, label, shade, help }) => (
            <tr key={use} title={help}>
              <th scope="row">
                <span
                  className={styles.swatch}
                  style={{ background: shade ?? undefined }}
                  aria-hidden="true"
                />
                {label}
                {use === 'data' && !residentData && ', uploaded every step'}
              </th>
              <td>
                <Change exact={exactBytes[use]} own={bytes[use]} />
              </td>
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
  );
}

const roleLabels: Readonly<Record<Role, string>> = {
  parameter: 'parameters',
  'optimizer-state': 'optimiser state',
  gradient: 'gradients',
  activation: 'activations',
  data: 'examples',
  metric: 'metrics',
  constant: 'descriptors',
};

/** What every layer asks for, before sharing: largest first. */
export function LayerTable({ lines }: { readonly lines: readonly LedgerChange[] }) {
  const sorted = lines.toSorted((a, b) => largest(b) - largest(a));
  return (
    <table className={controls.table}>
      <caption className={controls.visuallyHidden}>
        What every layer asks for, exact and as set; activations and gradients then share memory
      </caption>
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col">Bytes</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ role, layer, sizeBytes, exactBytes }) => (
          <tr key={`${role} ${layer}`}>
            <th scope="row">
              {layer} <span className={controls.muted}>{roleLabels[role]}</span>
            </th>
            <td>
              <Change exact={exactBytes} own={sizeBytes} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const largest = ({ sizeBytes, exactBytes }: LedgerChange): number => Math.max(sizeBytes, exactBytes);

function Change({ exact, own }: { readonly exact: number; readonly own: number }) {
  if (exact === own) return formatBytes(own);
  return (
    <>
      <span className={controls.muted}>{formatBytes(exact)} → </span>
      {formatBytes(own)}
    </>
  );
}
