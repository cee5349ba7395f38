import { type Settings, settingTable } from '../../settings/settings.ts';
import { trainableChoices } from '../runs/requestedRun.ts';
import controls from '../shared/controls.module.css';
import { useApp, useDimmer } from '../useDimmer.ts';

interface ChoiceSelectProps {
  readonly name: keyof Settings;
  /** Where no label stands around it. */
  readonly label?: string;
  readonly title?: string;
}

/** The choices of a setting that is one; nothing of any other. */
export function ChoiceSelect({ name, label, title }: ChoiceSelectProps) {
  const { settings } = useDimmer();
  const value = useApp((state) => state.settings[name]);
  const setting = settingTable[name];
  if (setting.type !== 'choice') return null;
  return (
    <select
      className={controls.select}
      aria-label={label}
      title={title}
      value={value ?? ''}
      onChange={(event) => settings.change({ [name]: event.currentTarget.value || null })}
    >
      {setting.optional && <option value="">auto</option>}
      {trainableChoices(name, setting.choices).map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}
