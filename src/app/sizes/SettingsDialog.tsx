import type { Task } from '../../data/dataset.ts';
import { ChoiceSelect } from './ChoiceSelect.tsx';
import { formatSetting } from '../../settings/parseSetting.ts';
import { defaultSettings, type Settings, settingTable } from '../../settings/settings.ts';
import { useApp, useDimmer, useLive } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { NumberBox } from '../shared/NumberBox.tsx';
import forms from '../shared/forms.module.css';
import styles from './SettingsDialog.module.css';
import { Modal } from '../shared/Modal.tsx';

interface Group {
  readonly title: string;
  readonly names: readonly (keyof Settings)[];
  /** The only one that reads them; left out: all may. */
  readonly task?: Task;
}

const ofTraining: readonly Group[] = [
  {
    title: 'Training',
    names: [
      'learningRate',
      'batch',
      'trainMemory',
      'gradientRank',
      'activationBits',
      'exactLayers',
      'epochs',
      'optimizer',
      'patience',
      'evaluateEvery',
      'l2',
    ],
  },
  { title: 'Model', names: ['model', 'bottomMlp', 'topMlp', 'ncfMlp', 'tableInit', 'seed', 'backend'] },
  { title: 'Ranking', names: ['rankingLoss', 'negatives', 'negativeSampling'], task: 'ranking' },
];

/** Every setting of the table; the first group holds those that no other group names. */
const groups: readonly Group[] = [
  ...ofTraining,
  {
    title: 'Embeddings',
    names: (Object.keys(settingTable) as (keyof Settings)[]).filter(
      (name) => !ofTraining.some(({ names }) => names.includes(name)),
    ),
  },
];

export function SettingsDialog() {
  const { ui, settings } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'settings');
  const shown = useApp((state) => state.dataset?.task);
  return (
    <Modal
      title="All settings"
      description="A change starts a new run. “auto” is chosen for the data; beside it is what the last run used."
      isOpen={isOpen}
      isWide
      onClose={() => ui.openDialog(null)}
    >
      {groups
        .filter(({ task = shown }) => task === shown)
        .map(({ title, names }) => (
          <fieldset key={title} className={forms.group}>
            <legend>{title}</legend>
            <div className={forms.fields}>
              {names.map((name) => (
                <SettingField key={name} name={name} />
              ))}
            </div>
          </fieldset>
        ))}
      <div className={forms.actions}>
        <button type="button" className={controls.button} onClick={() => settings.change(defaultSettings)}>
          Back to the defaults
        </button>
      </div>
    </Modal>
  );
}

function SettingField({ name }: { readonly name: keyof Settings }) {
  const { settings } = useDimmer();
  const setting = settingTable[name];
  const value = useApp((state) => state.settings[name]);
  const used = useLive((run) => run.settings?.[name]);
  const change = (next: Settings[keyof Settings]): void => settings.change({ [name]: next });
  return (
    <div className={forms.field}>
      <span className={styles.fieldHead}>
        <span>{setting.label}</span>
        <span>{value === null && used !== undefined && `auto: ${formatSetting(used)}`}</span>
      </span>
      {setting.type === 'choice' ? (
        <ChoiceSelect name={name} label={setting.label} />
      ) : (
        <NumberBox name={name} shown={formatSetting(value)} onChange={change} />
      )}
      <small>{setting.help}</small>
    </div>
  );
}
