import { Plus, X } from 'lucide-react';
import { type AxisName, axisNames, separatorOf } from '../../comparison/settingAxes.ts';
import { describeAllowed, formatSetting } from '../../settings/parseSetting.ts';
import { type Settings, settingTable } from '../../settings/settings.ts';
import controls from '../shared/controls.module.css';
import forms from '../shared/forms.module.css';
import styles from './AxisFields.module.css';
import type { AxisChoice } from './state.ts';

interface AxisFieldsProps {
  readonly axes: readonly AxisChoice[];
  /** Where a new axis begins. */
  readonly settings: Settings;
  readonly onChange: (axes: readonly AxisChoice[]) => void;
}

/** A row a setting that is to have several values. */
export function AxisFields({ axes, settings, onChange }: AxisFieldsProps) {
  const free = axisNames.filter((name) => !axes.some((axis) => axis.name === name));
  const startAt = (name: AxisName): AxisChoice => ({ name, values: formatSetting(settings[name]) });
  const replace = (index: number, choice: AxisChoice): void => onChange(axes.with(index, choice));

  return (
    <fieldset className={forms.group}>
      <legend>Settings with several values</legend>
      {axes.map(({ name, values }, index) => (
        <div key={name} className={styles.axis} data-testid="axis">
          <select
            className={controls.input}
            aria-label="Setting"
            value={name}
            onChange={({ currentTarget }) => replace(index, startAt(currentTarget.value as AxisName))}
          >
            {axisNames
              .filter((each) => each === name || free.includes(each))
              .map((each) => (
                <option key={each} value={each}>
                  {settingTable[each].label}
                </option>
              ))}
          </select>
          <label className={forms.field}>
            <span className={controls.visuallyHidden}>Values of {settingTable[name].label}</span>
            <input
              className={controls.input}
              value={values}
              spellCheck={false}
              autoComplete="off"
              onChange={({ currentTarget }) => replace(index, { name, values: currentTarget.value })}
            />
            <small>
              Several with “{separatorOf(name)}” between them: {describeAllowed(settingTable[name])}.
            </small>
          </label>
          <button
            type="button"
            className={controls.button}
            aria-label={`Remove ${settingTable[name].label}`}
            onClick={() => onChange(axes.filter((_, i) => i !== index))}
          >
            <X size={16} aria-hidden="true" />
          </button>
        </div>
      ))}
      {free.length > 0 && (
        <button
          type="button"
          className={controls.button}
          onClick={() => onChange([...axes, startAt(free[0])])}
        >
          <Plus size={16} aria-hidden="true" /> Add axis
        </button>
      )}
    </fieldset>
  );
}
