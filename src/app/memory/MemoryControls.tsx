import { useRef } from 'react';
import { formatSetting } from '../../settings/parseSetting.ts';
import { settingTable } from '../../settings/settings.ts';
import type { ResolvedSettings } from '../../training/events/events.ts';
import { formatBytes } from '../shared/format.ts';
import { changeKey } from './state.ts';
import { type MemoryOption, memoryOptions } from './memoryOptions.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { NumberBox } from '../shared/NumberBox.tsx';
import styles from './memory.module.css';

/** What trades exactness for memory, every choice with what it would take, and the limit. */
export function MemoryControls() {
  const settings = useApp((state) => state.settings);
  const dataset = useApp((state) => state.dataset);
  const used = useApp((state) => state.memory.plan?.settings);
  if (!dataset) return null;
  return (
    <div className={styles.controls}>
      {memoryOptions(settings, dataset).map((lever) => (
        <MemoryOptionControl key={lever.name} lever={lever} used={used} />
      ))}
      <Limit />
    </div>
  );
}

interface MemoryOptionProps {
  readonly lever: MemoryOption;
  /** What the run would use, limit and data considered. */
  readonly used: ResolvedSettings | undefined;
}

function MemoryOptionControl({ lever: { name, changes, nameOf }, used }: MemoryOptionProps) {
  const { settings } = useDimmer();
  const value = useApp((state) => state.settings[name]);
  const bytesOf = useApp((state) => state.memory.bytesOf);
  const { label, help } = settingTable[name];
  return (
    <label className={styles.lever}>
      <span>{label}</span>
      <select
        className={controls.select}
        title={help}
        data-testid={`memory-${name}`}
        value={formatSetting(value)}
        onChange={({ currentTarget }) => {
          const change = changes.find((each) => formatSetting(each[name] ?? null) === currentTarget.value);
          if (change) settings.change(change);
        }}
      >
        {changes.map((change) => {
          const own = change[name] ?? null;
          const total = bytesOf[changeKey(change)];
          return (
            <option key={formatSetting(own)} value={formatSetting(own)}>
              {own === null ? `auto${used && own === value ? `: ${nameOf(used[name])}` : ''}` : nameOf(own)}
              {total !== undefined && ` · ${total === null ? 'cannot start' : formatBytes(total)}`}
            </option>
          );
        })}
      </select>
    </label>
  );
}

/** What fits is chosen by the engine, and said above. */
function Limit() {
  const { settings } = useDimmer();
  const box = useRef<HTMLDivElement>(null);
  const limit = useApp((state) => state.settings.trainMemory);
  const { help } = settingTable.trainMemory;
  return (
    <div className={styles.lever} title={help}>
      <span aria-hidden="true">Fit into</span>
      <div ref={box} className={styles.fit}>
        <NumberBox
          name="trainMemory"
          testId="memory-limit"
          placeholder="no limit"
          shown={limit === null ? '' : `${limit} MB`}
          onChange={(trainMemory) => settings.change({ trainMemory })}
        />
        {/* What was typed is taken when the box is left: the button is where to go. */}
        <button
          type="button"
          className={controls.button}
          onClick={() => limit === null && box.current?.querySelector('input')?.focus()}
        >
          Fit
        </button>
      </div>
    </div>
  );
}
