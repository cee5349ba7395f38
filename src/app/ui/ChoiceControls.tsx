import { SlidersHorizontal } from 'lucide-react';
import { settingTable, type Settings } from '../../settings/settings.ts';
import { commands } from '../commands/commands.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import styles from './ChoiceControls.module.css';
import controls from './controls.module.css';
import { MethodPicker } from './MethodPicker.tsx';

type ChoiceName = 'popularity' | 'rounding';

/** How the budget is spent; the rest is under All settings. */
export function ChoiceControls() {
  const dimmer = useDimmer();
  const blocks = useApp((state) => state.settings.blocks);
  return (
    <div className={styles.grid}>
      <MethodPicker />
      <label className={styles.field}>
        <span className={styles.label}>Blocks per field</span>
        <select
          className={controls.select}
          title={settingTable.blocks.help}
          value={blocks}
          onChange={(event) => dimmer.settings.change({ blocks: Number(event.currentTarget.value) })}
        >
          {[...new Set([1, 2, 4, 8, 12, 16, blocks])]
            .sort((a, b) => a - b)
            .map((k) => (
              <option key={k} value={k}>
                {k}
              </option>
            ))}
        </select>
      </label>
      <Choice name="popularity" />
      <Choice name="rounding" />
      <button
        type="button"
        className={`${controls.button} ${styles.all}`}
        aria-label="All settings"
        title="All settings ( , )"
        onClick={() => commands.settings.perform(dimmer)}
      >
        <SlidersHorizontal size={16} aria-hidden="true" />
      </button>
    </div>
  );
}

function Choice({ name }: { readonly name: ChoiceName }) {
  const { settings } = useDimmer();
  const value = useApp((state) => state.settings[name]);
  const setting = settingTable[name];
  if (setting.type !== 'choice') return null;
  return (
    <label className={styles.field}>
      <span className={styles.label}>{setting.label}</span>
      <select
        className={controls.select}
        title={setting.help}
        value={value}
        onChange={(event) => settings.change({ [name]: event.currentTarget.value } as Partial<Settings>)}
      >
        {setting.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </label>
  );
}
