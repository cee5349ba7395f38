import { formatSetting } from '../../settings/parseSetting.ts';
import { settingTable, type Settings } from '../../settings/settings.ts';
import { useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './memory.module.css';
import type { MemoryEstimate } from '../../training/plan/planRun.ts';

/** What gives way to the limit, as in training/fitMemory.ts. */
const yielding: readonly (keyof Settings)[] = ['activationBits', 'gradientRank', 'batch'];

/** What the limit changed of what was asked. */
export function FittedChoices({ plan: { asked, settings, memory } }: { readonly plan: MemoryEstimate }) {
  const dimmer = useDimmer();
  const changed = yielding.filter((name) => settings[name] !== asked[name]);
  const words = changed.map(
    (name) =>
      `${settingTable[name].label.toLowerCase()} ${formatSetting(settings[name])} instead of ${formatSetting(asked[name])}`,
  );
  if (!memory.residentData) words.push('examples uploaded for every step');
  return (
    <p className={styles.fitted} data-testid="memory-fitted">
      {words.length === 0 ? 'Fits as it is.' : `Fits with ${words.join(', ')}.`}
      <button
        type="button"
        className={controls.small}
        onClick={() => dimmer.settings.change({ trainMemory: null })}
      >
        No limit
      </button>
    </p>
  );
}
