import { Popover } from '@base-ui/react/popover';
import { Copy, Cpu, TriangleAlert, Zap } from 'lucide-react';
import { useRef } from 'react';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from '../shared/Popup.module.css';

/** Names the device that trains. A click opens the reason for it and what can be done about it. */
export function BackendBadge() {
  const { ui } = useDimmer();
  const corner = useRef<HTMLDivElement>(null);
  const backend = useApp((state) => state.backend);
  const Icon = !backend || backend.kind === 'webgpu' ? Zap : Cpu;
  const label = !backend ? 'Looking for a GPU' : backend.kind === 'webgpu' ? 'WebGPU' : 'CPU';
  return (
    <div ref={corner}>
      <Popover.Root>
        <Popover.Trigger className={controls.plain} data-testid="backend-badge" data-backend={backend?.kind}>
          {backend?.fallback ? (
            <TriangleAlert size={16} aria-hidden="true" />
          ) : (
            <Icon size={16} aria-hidden="true" />
          )}
          <span className={controls.visuallyHidden}>Training on </span>
          {label}
        </Popover.Trigger>
        <Popover.Portal container={corner}>
          <Popover.Positioner className={styles.positioner} sideOffset={4} align="end">
            <Popover.Popup className={styles.popup}>
              <div className={styles.facts}>
                <Popover.Title render={<h2 />} style={{ fontSize: 'inherit' }}>
                  {backend?.adapter ?? 'Looking for a GPU…'}
                </Popover.Title>
                {backend?.fallback && (
                  <Popover.Description>
                    {backend.fallback.message} {backend.fallback.remedy}
                  </Popover.Description>
                )}
                {backend && !backend.fallback && (
                  <Popover.Description className={controls.muted}>
                    Training runs in a worker of this tab. No data is sent anywhere: the page’s security
                    policy forbids every connection but to its own address.
                  </Popover.Description>
                )}
                <button type="button" className={controls.button} onClick={() => void ui.copyDiagnostics()}>
                  <Copy size={16} aria-hidden="true" /> Copy diagnostics
                </button>
              </div>
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}
