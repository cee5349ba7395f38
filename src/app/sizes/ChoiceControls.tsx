import { ChoiceSelect } from './ChoiceSelect.tsx';
import { SlidersHorizontal } from 'lucide-react';
import { methods } from '../../compression/methods.ts';
import { formatSetting } from '../../settings/parseSetting.ts';
import { settingTable, type Settings } from '../../settings/settings.ts';
import { commands } from '../commands/commands.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import styles from './ChoiceControls.module.css';
import controls from '../shared/controls.module.css';
import { MethodPicker } from './MethodPicker.tsx';
import { NumberBox } from '../shared/NumberBox.tsx';

/** How many hyperparameters are shown beside the method; the others are under All settings. */
const SHOWN_HYPERPARAMETERS = 3;

/** Chooses the method and its first hyperparameters, but for α, which has a slider. */
export function ChoiceControls() {
  const dimmer = useDimmer();
  const method = useApp((state) => state.settings.method);
  const hyperparameters = methods[method].hyperparameters
    .filter((name) => name !== 'alpha')
    .slice(0, SHOWN_HYPERPARAMETERS);
  return (
    <div className={styles.grid}>
      <MethodPicker />
      {hyperparameters.map((name) => (
        <HyperparameterControl key={name} name={name} />
      ))}
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

function HyperparameterControl({ name }: { readonly name: keyof Settings }) {
  const { settings } = useDimmer();
  const value = useApp((state) => state.settings[name]);
  const setting = settingTable[name];
  const change = (next: Settings[keyof Settings]): void => settings.change({ [name]: next });
  if (setting.type !== 'choice')
    return (
      <div className={styles.field} title={setting.help}>
        <span className={styles.label} aria-hidden="true">
          {setting.label}
        </span>
        <NumberBox name={name} className={styles.box} shown={formatSetting(value)} onChange={change} />
      </div>
    );
  return (
    <label className={styles.field}>
      <span className={styles.label}>{setting.label}</span>
      <ChoiceSelect name={name} title={setting.help} />
    </label>
  );
}
